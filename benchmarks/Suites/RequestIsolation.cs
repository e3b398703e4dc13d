using System.Diagnostics;

using ToolRuntime.Benchmarks.Figures;
using ToolRuntime.Benchmarks.Instances;
using ToolRuntime.Benchmarks.Load;
using ToolRuntime.Benchmarks.Peers;

namespace ToolRuntime.Benchmarks.Suites;

/// <summary>Isolation <c>request</c>: one sandbox per call, never reused; its throughput is the boot rate.</summary>
internal static class RequestIsolation
{
    private const int InFlight = 8;
    private const double Bar = 0.8;
    private static readonly TimeSpan s_bareTime = TimeSpan.FromSeconds(8);
    private static readonly int[] s_widths = [2, 4, 8];

    public static async Task MeasureAsync(Run run)
    {
        await using var instance = await Instance.StartAsync();
        await Run.DeployMixAsync(instance, "mix", """{"isolation":"request"}""");
        await Run.CheckSandboxedAsync(instance, "mix");
        var bare = new BareRunsc(Run.Bare(), ["python3", "/layers/bare.py"]);
        var before = BestRate(bare);
        var load = instance.Mcp.CallLoad("mix") with { Connections = InFlight, WarmSeconds = 10, Seconds = 25 };
        var sustained = await run.QueuedLoadAsync(instance, load);
        var after = BestRate(bare);
        var peer = (before + after) / 2;
        run.Add(new Figure(
            $"isolation `request`, Python, {InFlight} in flight, 25 s after 10 s",
            $"{sustained.Rate:0.0} calls/s",
            $"parallel `runsc run` of the script {peer:0.0} /s",
            sustained.Rate / peer,
            $"≥ {Bar}",
            sustained.Rate / peer >= Bar));
    }

    /// <summary>The most boots per second of all widths: the peer is given its best.</summary>
    private static double BestRate(BareRunsc bare) => s_widths.Max(width => Rate(bare, width));

    private static double Rate(BareRunsc bare, int width)
    {
        var boots = 0;
        var start = Stopwatch.GetTimestamp();
        var threads = Enumerable.Range(0, width).Select(_ => new Thread(() =>
        {
            while (Stopwatch.GetElapsedTime(start) < s_bareTime / s_widths.Length)
            {
                bare.Run();
                Interlocked.Increment(ref boots);
            }
        })).ToList();
        threads.ForEach(t => t.Start());
        threads.ForEach(t => t.Join());
        return boots / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
