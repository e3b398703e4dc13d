namespace ToolRuntime.Sandbox.Agent.Shell;

/// <summary>The function that a worker has loaded.</summary>
internal sealed record LoadedScript(string Root, string Path, IReadOnlyDictionary<string, string> Environment, int OutputBytes, ShellHeader Header);
