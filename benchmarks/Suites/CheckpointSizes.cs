using System.Diagnostics;
using System.Text.Json;

using ToolRuntime.Benchmarks.Figures;
using ToolRuntime.Benchmarks.Instances;
using ToolRuntime.Bus.Sessions;
using ToolRuntime.Functions;

namespace ToolRuntime.Benchmarks.Suites;

/// <summary>How long a checkpoint of 8 MB takes, and what it does to others' small calls.</summary>
internal static class CheckpointSizes
{
    private const double Target = 60;
    private const double Slower = 10;

    public static async Task MeasureAsync(Run run)
    {
        await using var instance = await Instance.StartAsync();
        await Run.DeployMixAsync(instance, "mix");
        await instance.Admin.DeployAsync("keeps", "keeps.py", Run.Source("keeps.py", "keeps"));
        await Run.CheckSandboxedAsync(instance, "mix");
        await KeepAsync(instance, 8, 3);
        var load = instance.Mcp.CallLoad("mix") with { Connections = 1, Seconds = 3 };
        await run.QueuedLoadAsync(instance, load);
        var (times, before, meanwhile) = (new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round < Run.Rounds; round++)
        {
            before.Add((await run.QueuedLoadAsync(instance, load)).Latency.P99);
            var keeping = KeepAsync(instance, 8, 20);
            meanwhile.Add((await run.QueuedLoadAsync(instance, load)).Latency.P99);
            await keeping;
            times.AddRange(await KeepAsync(instance, 8, 10));
        }

        var (took, small, beside) = (Percentiles.Median(times), Percentiles.Median(before), Percentiles.Median(meanwhile));
        run.Add(new Figure("checkpoint of 8 MB until it is stored, p50", $"{took:0.0} ms", $"target {Target} ms", took / Target, "≤ 1", took <= Target));
        var stored = Percentiles.Median(await StoreAsync(instance));
        run.Add(new Figure("of that the bus, as a runtime stores it, p50", $"{stored:0.0} ms", "", null, "for the reader", null));
        run.Add(new Figure("others' warm calls meanwhile, p99", $"{beside:0.0} ms", $"without {small:0.0} ms", beside / small, $"at most {Slower} ms more", beside - small <= Slower));
    }

    private static async Task<List<double>> StoreAsync(Instance instance)
    {
        await using var bus = await DurableStreams.ConnectAsync(instance);
        var keep = bus.Keeps.Open(new TopicKey("local", Ids.New(), Ids.New(), SessionIsExplicit: true), 1);
        var (state, times) = (Enumerable.Repeat((byte)'x', 8 << 20).ToArray(), new List<double>());
        for (var number = 0; number < 20; number++)
        {
            var start = Stopwatch.GetTimestamp();
            await keep.SaveAsync(state, CancellationToken.None);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        await keep.RemoveAsync(CancellationToken.None);
        return times;
    }

    private static async Task<double[]> KeepAsync(Instance instance, int megabytes, int times)
    {
        var (answer, _) = await instance.Mcp.CallAsync("keeps", $$"""{"megabytes":{{megabytes}},"times":{{times}}}""");
        var start = answer.IndexOf("\"times\":[", StringComparison.Ordinal) + "\"times\":".Length;
        var taken = JsonSerializer.Deserialize<double[]>(answer[start..(answer.IndexOf(']', start) + 1)])!;
        return taken.Length == times ? taken : throw new InvalidDataException($"{taken.Length} checkpoints of {times}");
    }
}
