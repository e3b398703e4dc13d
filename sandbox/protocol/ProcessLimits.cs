namespace ToolRuntime.Sandbox.Protocol;

/// <summary>Limits that the agent sets on one process and its children.</summary>
public sealed record ProcessLimits
{
    /// <summary>RLIMIT_NPROC; 0 leaves it.</summary>
    public int Processes { get; init; }

    /// <summary>RLIMIT_NOFILE; 0 leaves it.</summary>
    public int OpenFiles { get; init; } = 4096;

    /// <summary>RLIMIT_FSIZE, bytes; 0 leaves it.</summary>
    public long FileBytes { get; init; }

    /// <summary>RLIMIT_AS, bytes; 0 leaves it.</summary>
    public long AddressBytes { get; init; }
}
