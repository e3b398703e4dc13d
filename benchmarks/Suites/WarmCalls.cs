using System.Diagnostics;
using System.Text;

using ToolRuntime.Benchmarks.Figures;
using ToolRuntime.Benchmarks.Instances;
using ToolRuntime.Benchmarks.Load;
using ToolRuntime.Benchmarks.Peers;

namespace ToolRuntime.Benchmarks.Suites;

/// <summary>A warm Python function through gateway, bus, runtime and gVisor, isolation <c>function</c>.</summary>
internal static class WarmCalls
{
    private const int BareRuns = 9;
    private const double P50Bar = 3;
    private const double P99Bar = 15;
    private const double RateBar = 1000;
    private const double PipeBar = 12;
    private const double BareBar = 40;

    public static async Task MeasureAsync(Run run)
    {
        await using var instance = await Instance.StartAsync();
        await Run.DeployMixAsync(instance, "mix");
        await Run.CheckSandboxedAsync(instance, "mix");
        var bare = Run.Bare();
        var load = instance.Mcp.CallLoad("mix");
        await run.QueuedLoadAsync(instance, load with { Connections = 16, Seconds = 4 });
        List<LoadResult> sequential = [];
        List<LoadResult> parallel = [];
        List<Latencies> pipe = [];
        var cpuBefore = default((double Product, double Broker, double Sandbox));
        for (var round = 0; round < Run.Rounds; round++)
        {
            pipe.Add(Pipe(bare, run.Random));
            sequential.Add(await run.QueuedLoadAsync(instance, load));
            cpuBefore = instance.Footprint().CpuSeconds;
            parallel.Add(await run.QueuedLoadAsync(instance, load with { Connections = 16 }));
        }

        var cpu = instance.Footprint().CpuSeconds;
        var calls = parallel[^1].AllCalls;
        var script = Percentiles.Median(Enumerable.Range(0, BareRuns).Select(_ => new BareRunsc(bare, ["python3", "/layers/bare.py"]).Run().Time.TotalMilliseconds));
        var p50 = Percentiles.Median(sequential.Select(r => r.Latency.P50));
        var p99 = Percentiles.Median(sequential.Select(r => r.Latency.P99));
        var rate = Percentiles.Median(parallel.Select(r => r.Rate));
        var pipe50 = Percentiles.Median(pipe.Select(p => p.P50));
        run.Add(new Figure("warm Python call, sequential, p50", $"{p50:0.00} ms", "", null, $"≤ {P50Bar} ms", p50 <= P50Bar));
        run.Add(new Figure("the same against a bare pipe into the worker", $"{p50:0.00} ms", $"bare pipe {pipe50:0.000} ms", p50 / pipe50, $"≤ {PipeBar}", p50 / pipe50 <= PipeBar));
        run.Add(new Figure("warm Python call, sequential, p99", $"{p99:0.00} ms", "", null, $"≤ {P99Bar} ms", p99 <= P99Bar));
        run.Add(new Figure("warm Python calls, 16 in flight", $"{rate:0} calls/s", "", null, $"≥ {RateBar} calls/s", rate >= RateBar));
        run.Add(new Figure("the script by `runsc run` against a warm call", $"{p50:0.00} ms", $"`runsc run` {script:0} ms", script / p50, $"≥ {BareBar}", script / p50 >= BareBar));
        run.Add(new Figure("processor time of a call, 16 in flight", $"toolrt {Millis(cpu.Product - cpuBefore.Product)}, nats-server {Millis(cpu.Broker - cpuBefore.Broker)}, sandbox {Millis(cpu.Sandbox - cpuBefore.Sandbox)} ms", "", null, "for the reader", null));

        string Millis(double seconds) => (seconds * 1000 / calls).ToString("0.00");
    }

    private static Latencies Pipe(Sandboxing bare, Random random)
    {
        const uint warm = 500;
        const uint counted = 2000;
        using var pipe = new BarePipe(bare, "mix.py");
        var times = new List<double>();
        for (uint call = 1; call <= warm + counted; call++)
        {
            var number = random.Next();
            var start = Stopwatch.GetTimestamp();
            var result = pipe.Call(call, "mix", $$"""{"n":{{number}}}""");
            var time = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            if (call % 100 == 0 && !Encoding.UTF8.GetString(result.Span).Contains($"m{Answers.Of(number)}m", StringComparison.Ordinal))
            {
                throw new InvalidDataException("the bare pipe's answer is wrong");
            }

            if (call > warm)
            {
                times.Add(time);
            }
        }

        return Percentiles.Of(times);
    }
}
