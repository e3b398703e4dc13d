namespace ToolRuntime.Functions;

/// <summary>What a sandbox used at one moment.</summary>
/// <param name="Time">The moment.</param>
/// <param name="CpuCount">Processors.</param>
/// <param name="CpuPercent">Of them, since the measure before; 100 is one processor.</param>
/// <param name="MemoryUsed">Bytes.</param>
/// <param name="MemoryTotal">Bytes.</param>
/// <param name="MemoryCache">Bytes.</param>
/// <param name="DiskUsed">Bytes.</param>
/// <param name="DiskTotal">Bytes.</param>
public sealed record SandboxMeasure(
    DateTimeOffset Time, int CpuCount, double CpuPercent, long MemoryUsed, long MemoryTotal, long MemoryCache, long DiskUsed, long DiskTotal);
