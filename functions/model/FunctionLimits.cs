namespace ToolRuntime.Functions;

/// <summary>Walls around one sandbox of a function.</summary>
public sealed record FunctionLimits
{
    /// <summary>Memory of the whole sandbox, MiB, 16 to 65,536.</summary>
    public int MemoryMiB { get; init; } = 512;

    /// <summary>Processor time, thousandths of a core, 50 to 64,000; 0 for no limit.</summary>
    public int CpuMillis { get; init; }

    /// <summary>Processes and threads of one worker, 8 to 4,096.</summary>
    public int Processes { get; init; } = 128;

    /// <summary>Size of /tmp, of HOME and of /run, MiB each, 1 to 65,536.</summary>
    public int ScratchMiB { get; init; } = 64;

    /// <summary>Longest result of one call, KiB.</summary>
    public int ResultKiB { get; init; } = 32 * 1024;

    /// <summary>Kept output of one call (stdout, stderr, streamed chunks), KiB; then a marked truncation.</summary>
    public int OutputKiB { get; init; } = 16 * 1024;
}
