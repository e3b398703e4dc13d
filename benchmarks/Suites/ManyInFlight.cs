using ToolRuntime.Benchmarks.Figures;
using ToolRuntime.Benchmarks.Instances;
using ToolRuntime.Benchmarks.Load;

namespace ToolRuntime.Benchmarks.Suites;

/// <summary>1,000 calls in flight at once in one instance.</summary>
internal static class ManyInFlight
{
    private const int Many = 1000;
    private const double RateBar = 0.9;
    private const double SlowestBar = 2;
    private const double MemoryBar = 100;

    public static async Task MeasureAsync(Run run)
    {
        await using var instance = await Instance.StartAsync();
        await Run.DeployMixAsync(instance, "mix");
        await Run.CheckSandboxedAsync(instance, "mix");
        var load = instance.Mcp.CallLoad("mix");
        await run.QueuedLoadAsync(instance, load with { Connections = 16, Seconds = 4 });
        List<LoadResult> few = [];
        List<LoadResult> many = [];
        List<double> grown = [];
        for (var round = 0; round < Run.Rounds; round++)
        {
            few.Add(await run.QueuedLoadAsync(instance, load with { Connections = 16 }));
            var before = instance.Footprint().AllMiB;
            var loading = run.QueuedLoadAsync(instance, load with { Connections = Many, WarmSeconds = 3, Seconds = 5 });
            grown.Add(await MostAsync(instance, loading) - before);
            many.Add(await loading);
        }

        var (fewRate, manyRate) = (Percentiles.Median(few.Select(r => r.Rate)), Percentiles.Median(many.Select(r => r.Rate)));
        var slowest = Percentiles.Median(many.Select(r => r.Latency.Slowest / r.Latency.P50));
        var (median, last) = (Percentiles.Median(many.Select(r => r.Latency.P50)), Percentiles.Median(many.Select(r => r.Latency.Slowest)));
        var memory = Percentiles.Median(grown);
        run.Add(new Figure("1,000 calls in flight: throughput", $"{manyRate:0} calls/s, all answered", $"16 in flight {fewRate:0} calls/s", manyRate / fewRate, $"≥ {RateBar}", manyRate / fewRate >= RateBar));
        run.Add(new Figure("1,000 calls in flight: slowest", $"{last:0} ms", $"median {median:0} ms", slowest, $"≤ {SlowestBar}", slowest <= SlowestBar));
        run.Add(new Figure("1,000 calls in flight: memory more than before, all processes", $"{memory:0} MiB", "", null, $"≤ {MemoryBar} MiB", memory <= MemoryBar));
    }

    private static async Task<double> MostAsync(Instance instance, Task load)
    {
        var most = 0.0;
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        while (!load.IsCompleted)
        {
            most = Math.Max(most, instance.Footprint().AllMiB);
            await timer.WaitForNextTickAsync();
        }

        return most;
    }
}
