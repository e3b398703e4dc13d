namespace ToolRuntime.Sandbox.Protocol;

/// <summary>A process to start in the sandbox.</summary>
public sealed record ProcessSpec
{
    /// <summary>Its id, unique in the sandbox, or null for a fresh one.</summary>
    public string? Id { get; init; }

    /// <summary>Program (absolute, or found on PATH) and arguments.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>Environment beside the sandbox's own.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Working directory.</summary>
    public string WorkingDirectory { get; init; } = "/home/user";

    /// <summary>User and group id; 1000 and above for user code.</summary>
    public int UserId { get; init; } = 1000;

    /// <summary>Whether the host will write its standard input; a terminal always has one.</summary>
    public bool StandardInput { get; init; }

    /// <summary>The terminal to run it on, or null for pipes. On a terminal all output is standard output.</summary>
    public TerminalSize? Terminal { get; init; }

    /// <summary>Limits.</summary>
    public ProcessLimits Limits { get; init; } = new();

    /// <summary>Group id, or null for the same as <see cref="UserId"/>.</summary>
    public int? GroupId { get; init; }

    /// <summary>Whether the last 64 KiB that it prints while nobody streams it are kept; else they are dropped.</summary>
    public bool KeepsOutput { get; init; } = true;

    /// <summary>A name by which it can be found beside its id, or null.</summary>
    public string? Tag { get; init; }

    /// <summary>How long it and its whole tree may run before the agent kills them, or null.</summary>
    public TimeSpan? KillAfter { get; init; }

    /// <summary>The request that starts it: <paramref name="operation"/> is <c>spawn</c> or <c>worker.start</c>.</summary>
    public AgentRequest ToRequest(string operation) => new()
    {
        Op = operation,
        Id = Id,
        Argv = Arguments,
        Env = Environment,
        Cwd = WorkingDirectory,
        User = new AgentUser(UserId, GroupId ?? UserId),
        Pty = Terminal is { } size ? new AgentTerminal(size.Rows, size.Columns) : null,
        Stdin = StandardInput,
        Keep = KeepsOutput ? null : false,
        Tag = Tag,
        KillAfterMs = KillAfter is { } limit ? (long)limit.TotalMilliseconds : null,
        Limits = new AgentLimits(Limits.Processes, Limits.OpenFiles, Limits.FileBytes, Limits.AddressBytes),
    };
}
