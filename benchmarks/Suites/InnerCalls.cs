using System.Text.Json;
using System.Text.RegularExpressions;

using ToolRuntime.Benchmarks.Figures;
using ToolRuntime.Benchmarks.Instances;

namespace ToolRuntime.Benchmarks.Suites;

/// <summary>A call from within a sandbox to a warm function, against the same call from outside.</summary>
internal static partial class InnerCalls
{
    private const int Calls = 1000;
    private const double Bar = 2;

    public static async Task MeasureAsync(Run run)
    {
        await using var instance = await Instance.StartAsync();
        await Run.DeployMixAsync(instance, "mix");
        await instance.Admin.DeployAsync("inner", "inner.py", Run.Source("inner.py", "inner"));
        await Run.CheckSandboxedAsync(instance, "mix");
        await run.QueuedLoadAsync(instance, instance.Mcp.CallLoad("mix") with { Connections = 16, Seconds = 3 });
        await InnerAsync(instance, "inner");
        List<double> outside = [];
        List<double> inside = [];
        List<double> asynchronous = [];
        for (var round = 0; round < Run.Rounds; round++)
        {
            outside.Add((await run.QueuedLoadAsync(instance, instance.Mcp.CallLoad("mix"))).Latency.P50);
            inside.Add(await InnerAsync(instance, "inner"));
            asynchronous.Add(await InnerAsync(instance, "inner_async"));
        }

        var (from, to) = (Percentiles.Median(inside), Percentiles.Median(outside));
        run.Add(new Figure("call from within a sandbox, warm, p50", $"{from:0.00} ms", $"from outside {to:0.00} ms", from / to, $"≤ {Bar}", from / to <= Bar));
        run.Add(new Figure("the same from an async function", $"{Percentiles.Median(asynchronous):0.00} ms", $"from outside {to:0.00} ms", Percentiles.Median(asynchronous) / to, "for the reader", null));
    }

    private static async Task<double> InnerAsync(Instance instance, string tool)
    {
        var before = await instance.QueuedAsync();
        var (answer, _) = await instance.Mcp.CallAsync(tool, $$"""{"tool":"mix","calls":{{Calls}}}""");
        if (await instance.QueuedAsync() - before <= Calls)
        {
            throw new InvalidDataException("the inner calls did not go through the queue");
        }

        var times = JsonSerializer.Deserialize<double[]>(Times().Match(answer).Groups["times"].Value)!;
        return times.Length == Calls ? Percentiles.Median(times) : throw new InvalidDataException($"{times.Length} times for {Calls} calls");
    }

    [GeneratedRegex("\"times\":(?<times>\\[[^\\]]*\\])", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Times();
}
