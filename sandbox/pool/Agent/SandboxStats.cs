namespace ToolRuntime.Sandbox.Agent;

/// <summary>What a sandbox uses, measured from inside.</summary>
/// <param name="ResidentBytes">Resident memory of all processes.</param>
/// <param name="Processes">How many there are.</param>
/// <param name="Cpu">CPU time that they have used.</param>
public readonly record struct SandboxStats(long ResidentBytes, int Processes, TimeSpan Cpu)
{
    /// <summary>Number of processors.</summary>
    public int Processors { get; init; }

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
}
