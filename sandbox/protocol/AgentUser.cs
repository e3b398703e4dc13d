namespace ToolRuntime.Sandbox.Protocol;

/// <summary>User and group of a process or file.</summary>
/// <param name="Uid">User id.</param>
/// <param name="Gid">Group id.</param>
public sealed record AgentUser(int Uid, int Gid);
