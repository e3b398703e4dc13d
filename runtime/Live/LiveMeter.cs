using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Runtime.Live;

/// <summary>Measures sandboxes.</summary>
internal static class LiveMeter
{
    /// <summary>Measures one from inside, and keeps what it found; nothing where it does not run or does not answer.</summary>
    public static async Task MeasureAsync(LiveSandbox sandbox, TimeProvider time, CancellationToken cancellationToken)
    {
        if (sandbox.Lease is not { } lease)
        {
            return;
        }

        try
        {
            var stats = await lease.Agent.GetStatsAsync(cancellationToken);
            var now = time.GetUtcNow();
            var percent = sandbox.LastCpu is { } last && now > last.Time && stats.Cpu > last.Cpu ? (stats.Cpu - last.Cpu) / (now - last.Time) * 100 : 0;
            sandbox.LastCpu = (now, stats.Cpu);
            var memory = (long)sandbox.Record.Settings.MemoryMiB << 20;
            sandbox.Measures.Add(new SandboxMeasure(
                now, Math.Max(1, stats.Processors), Math.Round(percent, 2), Math.Min(stats.MemoryUsed, memory), memory, stats.MemoryCache, stats.DiskUsed, stats.DiskTotal));
        }
        catch (Exception error) when (error is IOException or AgentException or InvalidDataException or ObjectDisposedException)
        {
            // It ends, or is being stored; what it used before is kept.
            return;
        }
    }
}
