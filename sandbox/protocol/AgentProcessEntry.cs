namespace ToolRuntime.Sandbox.Protocol;

/// <summary>A process that the agent started.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Pid">Its process id in the sandbox.</param>
/// <param name="Argv">Program and arguments.</param>
/// <param name="Kind"><c>process</c> or <c>worker</c>.</param>
public sealed record AgentProcessEntry(string Id, int Pid, IReadOnlyList<string> Argv, string Kind)
{
    /// <summary>The tag that it was started with.</summary>
    public string? Tag { get; init; }

    /// <summary>The folder that it was started in.</summary>
    public string? Cwd { get; init; }

    /// <summary>The environment that it was given beside the sandbox's own.</summary>
    public IReadOnlyDictionary<string, string>? Env { get; init; }

    /// <summary>Whether it runs on a terminal.</summary>
    public bool Pty { get; init; }
}
