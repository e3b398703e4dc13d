namespace ToolRuntime.Sandbox.Agent.Files;

/// <summary>A line of /etc/passwd.</summary>
internal sealed record Account(string Name, int Uid, int Gid, string Home, string Shell);
