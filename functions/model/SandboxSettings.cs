namespace ToolRuntime.Functions;

/// <summary>How a sandbox is made and what happens at its end.</summary>
public sealed record SandboxSettings
{
    /// <summary>Whether it is paused when its time is over; else it is ended.</summary>
    public bool PausesAtEnd { get; init; }

    /// <summary>Whether such a pause keeps its memory.</summary>
    public bool KeepsMemory { get; init; } = true;

    /// <summary>Whether what comes for it wakes it.</summary>
    public bool ResumesByItself { get; init; }

    /// <summary>Whether its maker said anything of the internet: null where not.</summary>
    public bool? AllowsInternet { get; init; }

    /// <summary>Whether its ports may be reached without its traffic token.</summary>
    public bool HasPublicPorts { get; init; } = true;

    /// <summary>Whether its processes and files may be reached with its access token only.</summary>
    public bool IsSecure { get; init; } = true;

    /// <summary>What requests to its ports carry as Host, with <c>${PORT}</c> for the port; null for what the client sent.</summary>
    public string? PortHost { get; init; }

    /// <summary>Ports whose servers speak TLS themselves.</summary>
    public IReadOnlyList<int> TlsPorts { get; init; } = [];

    /// <summary>Whether it may reach the mirrors that its image's recipe names for packages.</summary>
    public bool Packages { get; init; }

    /// <summary>Its volumes.</summary>
    public IReadOnlyList<VolumeMount> Volumes { get; init; } = [];

    /// <summary>Memory, MiB.</summary>
    public int MemoryMiB { get; init; } = 1024;

    /// <summary>Processors, thousandths of one; 0 for all of the machine.</summary>
    public int CpuMillis { get; init; }

    /// <summary>Linux user that processes and files are of where nobody is named; null for the image's own.</summary>
    public string? User { get; init; }

    /// <summary>Folder that processes begin in where none is named; null for the user's home.</summary>
    public string? Folder { get; init; }

    /// <summary>Seconds without use after which its time is over; each use begins them anew. 0: its time is what was asked for.</summary>
    public int IdleSeconds { get; init; }

    /// <summary>Seconds between checkpoints that are made while it runs; 0 for none.</summary>
    public int CheckpointSeconds { get; init; }
}
