namespace ToolRuntime.Sandbox.Protocol;

/// <summary>The agent's reply; which members are set depends on the operation.</summary>
public sealed record AgentReply
{
    /// <summary>A bare yes.</summary>
    public static AgentReply Done { get; } = new() { Ok = true };

    /// <summary>Whether it was done.</summary>
    public bool Ok { get; init; }

    /// <summary>Why not, one of <see cref="AgentErrorCode"/>.</summary>
    public string? Code { get; init; }

    /// <summary>Why not, for people.</summary>
    public string? Message { get; init; }

    /// <summary>Process id in the sandbox.</summary>
    public int Pid { get; init; }

    /// <summary>Id of the process or worker.</summary>
    public string? Id { get; init; }

    /// <summary>Size of a file, bytes.</summary>
    public long Size { get; init; }

    /// <summary>A file or folder.</summary>
    public AgentFile? Entry { get; init; }

    /// <summary>What a folder holds.</summary>
    public IReadOnlyList<AgentFile>? Entries { get; init; }

    /// <summary>Whether a folder holds more than is ever listed.</summary>
    public bool Truncated { get; init; }

    /// <summary>Whether another reply with the rest of the list follows.</summary>
    public bool More { get; init; }

    /// <summary>What runs.</summary>
    public IReadOnlyList<AgentProcessEntry>? Processes { get; init; }

    /// <summary>Resident memory of all processes, bytes.</summary>
    public long RssBytes { get; init; }

    /// <summary>Number of processes.</summary>
    public int ProcessCount { get; init; }

    /// <summary>CPU time of all processes, microseconds.</summary>
    public long CpuMicros { get; init; }

    /// <summary>Number of processors.</summary>
    public int CpuCount { get; init; }

    /// <summary>Memory of the sandbox, bytes.</summary>
    public long MemoryTotal { get; init; }

    /// <summary>Memory that is used, without what is only cached, bytes.</summary>
    public long MemoryUsed { get; init; }

    /// <summary>Memory that caches files, bytes.</summary>
    public long MemoryCache { get; init; }

    /// <summary>Size of the disk that holds the user's files, bytes.</summary>
    public long DiskTotal { get; init; }

    /// <summary>What is used of it, bytes.</summary>
    public long DiskUsed { get; init; }

    /// <summary>Whether the process runs on a terminal.</summary>
    public bool Pty { get; init; }

    /// <summary>What the host has set of the environment of processes started later.</summary>
    public IReadOnlyDictionary<string, string>? Environment { get; init; }

    /// <summary>User id.</summary>
    public int Uid { get; init; }

    /// <summary>Id of the user's group.</summary>
    public int Gid { get; init; }

    /// <summary>The user's home.</summary>
    public string? Home { get; init; }

    /// <summary>The user's shell.</summary>
    public string? Shell { get; init; }
}
