namespace ToolRuntime.Sandbox.Agent;

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
}
