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

    /// <summary>What runs.</summary>
    public IReadOnlyList<AgentProcessEntry>? Processes { get; init; }

    /// <summary>Resident memory of all processes, bytes.</summary>
    public long RssBytes { get; init; }

    /// <summary>Number of processes.</summary>
    public int ProcessCount { get; init; }

    /// <summary>CPU time of all processes, microseconds.</summary>
    public long CpuMicros { get; init; }
}
