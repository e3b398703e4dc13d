namespace ToolRuntime.Sandbox.Protocol;

/// <summary>A process that the agent started.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Pid">Its process id in the sandbox.</param>
/// <param name="Argv">Program and arguments.</param>
/// <param name="Kind"><c>process</c> or <c>worker</c>.</param>
public sealed record AgentProcessEntry(string Id, int Pid, IReadOnlyList<string> Argv, string Kind);
