using ToolRuntime.Benchmarks.Figures;
using ToolRuntime.Benchmarks.Instances;
using ToolRuntime.Benchmarks.Load;
using ToolRuntime.Benchmarks.Machine;

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
        List<(double All, double Product, double Broker, double Sandbox)> grown = [];
        for (var round = 0; round < Run.Rounds; round++)
        {
            few.Add(await run.QueuedLoadAsync(instance, load with { Connections = 16 }));
            var before = instance.Footprint();
            var loading = run.QueuedLoadAsync(instance, load with { Connections = Many, WarmSeconds = 3, Seconds = 5 });
            var most = await MostAsync(instance, loading);
            grown.Add((most.AllMiB - before.AllMiB, most.ProductMiB - before.ProductMiB, most.BrokerMiB - before.BrokerMiB, most.SandboxMiB - before.SandboxMiB));
            many.Add(await loading);
        }

        var (fewRate, manyRate) = (Percentiles.Median(few.Select(r => r.Rate)), Percentiles.Median(many.Select(r => r.Rate)));
        var slowest = Percentiles.Median(many.Select(r => r.Latency.Slowest / r.Latency.P50));
        var (median, last) = (Percentiles.Median(many.Select(r => r.Latency.P50)), Percentiles.Median(many.Select(r => r.Latency.Slowest)));
        var (memory, product, broker, sandbox) = grown.OrderBy(g => g.All).ElementAt(grown.Count / 2);
        run.Add(new Figure("1,000 calls in flight: throughput", $"{manyRate:0} calls/s, all answered", $"16 in flight {fewRate:0} calls/s", manyRate / fewRate, $"≥ {RateBar}", manyRate / fewRate >= RateBar));
        run.Add(new Figure("1,000 calls in flight: slowest", $"{last:0} ms", $"median {median:0} ms", slowest, $"≤ {SlowestBar}", slowest <= SlowestBar));
        run.Add(new Figure("1,000 calls in flight: memory more than before, all processes", $"{memory:0} MiB", $"of these toolrt {product:0}, nats-server {broker:0}, sandbox {sandbox:0}", null, $"≤ {MemoryBar} MiB", memory <= MemoryBar));
    }

    private static async Task<Footprint> MostAsync(Instance instance, Task load)
    {
        var most = instance.Footprint();
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        while (!load.IsCompleted)
        {
            most = instance.Footprint() is var now && now.AllMiB > most.AllMiB ? now : most;
            await timer.WaitForNextTickAsync();
        }

        return most;
    }
}
