namespace ToolRuntime.Sandbox.Protocol;

/// <summary>The one request at the beginning of a stream; which members count depends on the operation.</summary>
public sealed record AgentRequest
{
    /// <summary>One of <see cref="AgentOperation"/>.</summary>
    public required string Op { get; init; }

    /// <summary>A process or worker.</summary>
    public string? Id { get; init; }

    /// <summary>Program and arguments.</summary>
    public IReadOnlyList<string>? Argv { get; init; }

    /// <summary>Environment beside the sandbox's own.</summary>
    public IReadOnlyDictionary<string, string>? Env { get; init; }

    /// <summary>Working directory.</summary>
    public string? Cwd { get; init; }

    /// <summary>User of the process or owner of the file; 1000 when left out.</summary>
    public AgentUser? User { get; init; }

    /// <summary>Size of the terminal to run it on, or null for pipes.</summary>
    public AgentTerminal? Pty { get; init; }

    /// <summary>Whether standard input will be written.</summary>
    public bool Stdin { get; init; }

    /// <summary>Limits of the process.</summary>
    public AgentLimits? Limits { get; init; }

    /// <summary>Number of a signal.</summary>
    public int Signal { get; init; }

    /// <summary>A file or folder.</summary>
    public string? Path { get; init; }

    /// <summary>Destination of a rename.</summary>
    public string? To { get; init; }

    /// <summary>First byte to read.</summary>
    public long Offset { get; init; }

    /// <summary>Most bytes to read, or null for all.</summary>
    public long? Length { get; init; }

    /// <summary>Permission bits of a file.</summary>
    public int? Mode { get; init; }

    /// <summary>Content of a small file.</summary>
    public byte[]? Data { get; init; }

    /// <summary>Whether to write behind what the file holds.</summary>
    public bool Append { get; init; }

    /// <summary>Whether a folder is listed or removed with what it holds, or made with its parents.</summary>
    public bool Recursive { get; init; }

    /// <summary>A TCP port on the sandbox's loopback.</summary>
    public int? Port { get; init; }

    /// <summary>Path of a Unix socket.</summary>
    public string? Unix { get; init; }

    /// <summary>Environment to set.</summary>
    public IReadOnlyDictionary<string, string>? Set { get; init; }

    /// <summary>Environment to take away.</summary>
    public IReadOnlyList<string>? Unset { get; init; }
}
