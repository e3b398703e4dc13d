using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Runtime.Live;

/// <summary>Measures sandboxes.</summary>
internal static class LiveMeter
{
    // While it is measured nothing else that is due is done, its end neither.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    /// <summary>Measures one from inside, and keeps what it found; nothing where it does not run or does not answer. One that stands still is as it was.</summary>
    public static async Task MeasureAsync(LiveSandbox sandbox, TimeProvider time, CancellationToken cancellationToken)
    {
        if (sandbox.Lease is not { } lease)
        {
            return;
        }

        if (lease.IsFrozen && sandbox.Measures.Last is { } before)
        {
            var still = time.GetUtcNow();
            sandbox.LastCpu = sandbox.LastCpu is { } used ? (still, used.Cpu) : null;
            sandbox.Measures.Add(before with { Time = still, CpuPercent = 0 });
            return;
        }

        try
        {
            using var deadline = new Deadline(time, s_patience, cancellationToken);
            var stats = await lease.Agent.GetStatsAsync(deadline.Token);
            var now = time.GetUtcNow();
            var percent = sandbox.LastCpu is { } last && now > last.Time && stats.Cpu > last.Cpu ? (stats.Cpu - last.Cpu) / (now - last.Time) * 100 : 0;
            sandbox.LastCpu = (now, stats.Cpu);
            var memory = (long)sandbox.Record.Settings.MemoryMiB << 20;

            // A root that only memory bounds says it has no end.
            sandbox.Measures.Add(new SandboxMeasure(
                now, Math.Max(1, stats.Processors), Math.Round(percent, 2), Math.Min(stats.MemoryUsed, memory), memory, stats.MemoryCache, stats.DiskUsed, Math.Min(stats.DiskTotal, memory)));
        }
        catch (Exception error) when (error is IOException or AgentException or InvalidDataException or ObjectDisposedException || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // It ends, or is being stored; what it used before is kept.
            return;
        }
    }
}
