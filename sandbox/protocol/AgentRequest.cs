namespace ToolRuntime.Sandbox.Protocol;

/// <summary>The one request at the beginning of a stream; which members count depends on the operation.</summary>
public sealed record AgentRequest
{
    /// <summary>One of <see cref="AgentOperation"/>.</summary>
    public required string Op { get; init; }

    /// <summary>A process or worker.</summary>
    public string? Id { get; init; }

    /// <summary>A process, by its id in the sandbox.</summary>
    public int? Pid { get; init; }

    /// <summary>A process by its tag, or the tag of one that is started.</summary>
    public string? Tag { get; init; }

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

    /// <summary>False drops what a process prints while nobody streams it; else the last 64 KiB of that are kept.</summary>
    public bool? Keep { get; init; }

    /// <summary>Milliseconds after which the process and its whole tree are killed.</summary>
    public long? KillAfterMs { get; init; }

    /// <summary>Limits of the process.</summary>
    public AgentLimits? Limits { get; init; }

    /// <summary>Number of a signal.</summary>
    public int Signal { get; init; }

    /// <summary>A file or folder.</summary>
    public string? Path { get; init; }

    /// <summary>Name of a user.</summary>
    public string? Name { get; init; }

    /// <summary>Destination of a rename.</summary>
    public string? To { get; init; }

    /// <summary>First byte to read.</summary>
    public long Offset { get; init; }

    /// <summary>Most bytes to read, or null for all.</summary>
    public long? Length { get; init; }

    /// <summary>Permission bits of a file.</summary>
    public int? Mode { get; init; }

    /// <summary>Content of a small file, or bytes for standard input.</summary>
    public byte[]? Data { get; init; }

    /// <summary>Whether to write behind what the file holds.</summary>
    public bool Append { get; init; }

    /// <summary>Whether a folder is listed or removed with what it holds, or made with its parents.</summary>
    public bool Recursive { get; init; }

    /// <summary>Whether the folders on the way are made, owned by <see cref="User"/>.</summary>
    public bool Parents { get; init; }

    /// <summary>How deep a folder is listed: 1 is what it holds itself.</summary>
    public int? Depth { get; init; }

    /// <summary>Whether a link is followed and its target described.</summary>
    public bool Follow { get; init; }

    /// <summary>Attributes of a file, in place of all that it has; null leaves them.</summary>
    public IReadOnlyDictionary<string, string>? Attributes { get; init; }

    /// <summary>Whether unpacking takes away what the archive's folders did not hold.</summary>
    public bool Exact { get; init; }

    /// <summary>Whether a watch describes the files that it tells of.</summary>
    public bool Entries { get; init; }

    /// <summary>A TCP port on the sandbox's loopback.</summary>
    public int? Port { get; init; }

    /// <summary>Path of a Unix socket.</summary>
    public string? Unix { get; init; }

    /// <summary>Environment to set.</summary>
    public IReadOnlyDictionary<string, string>? Set { get; init; }

    /// <summary>Environment to take away.</summary>
    public IReadOnlyList<string>? Unset { get; init; }

    /// <summary>Port of the HTTP proxy; 3128 when left out.</summary>
    public int? HttpPort { get; init; }

    /// <summary>Port of the SOCKS5 proxy; 1080 when left out.</summary>
    public int? SocksPort { get; init; }
}
