using System.Diagnostics;

using ToolRuntime.Benchmarks.Machine;

namespace ToolRuntime.Benchmarks.Instances;

/// <summary>
/// Waits until an instance does nothing: warm sandboxes are made in the background, and figures are about those that stand. What gVisor's
/// own process spends does not count: on systrap it wakes every 0.4 ms as long as a sandbox lives (3 % of a processor for a bare
/// <c>sleep</c>, measured 2026-11), whether or not anything runs inside.
/// </summary>
internal static class Calm
{
    private const int Windows = 3;
    private const double BusyShare = 0.1;
    private static readonly TimeSpan s_window = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(90);

    /// <summary>What it holds once it has been calm for three looks.</summary>
    /// <exception cref="TimeoutException">It is still at work after 90 s.</exception>
    public static async Task<Footprint> WaitAsync(Instance instance)
    {
        var start = Stopwatch.GetTimestamp();
        var last = instance.Footprint();
        for (var calm = 0; calm < Windows;)
        {
            if (Stopwatch.GetElapsedTime(start) > s_longest)
            {
                throw new TimeoutException($"the instance in {instance.DataFolder} is still at work after {s_longest.TotalSeconds} s");
            }

            await Task.Delay(s_window);
            var now = instance.Footprint();
            calm = IsSame(last, now) && Work(now) - Work(last) < BusyShare * s_window.TotalSeconds ? calm + 1 : 0;
            last = now;
        }

        return last;
    }

    private static bool IsSame(Footprint one, Footprint other) => one.Sandboxes == other.Sandboxes && one.Processes == other.Processes;

    private static double Work(Footprint footprint) => footprint.CpuSeconds.Product + footprint.CpuSeconds.Broker + footprint.GuestSeconds;
}
