using ToolRuntime.Benchmarks.Figures;
using ToolRuntime.Benchmarks.Instances;
using ToolRuntime.Benchmarks.Load;

namespace ToolRuntime.Benchmarks.Suites;

/// <summary>Calls that pass through to an MCP server elsewhere, against a proxy that copies the same bytes unread.</summary>
internal static class PassThrough
{
    private const int Connections = 16;
    private const double Bar = 0.6;

    // .NET compiles what a server is busy with anew for that long: 3,700 calls a second in the first ten, 13,200 in the fourth.
    private const int CompilesFor = 30;

    public static async Task MeasureAsync(Run run)
    {
        await using var instance = await Instance.StartAsync();
        using var server = OwnPeer.Start("server", out var upstream);
        using var proxy = OwnPeer.Start("proxy", out var port, upstream.ToString());
        await instance.Admin.AddSourceAsync("far", $$"""{"remote":{"url":"http://127.0.0.1:{{upstream}}/mcp","allowHosts":["127.0.0.1"]},"prefix":"far_"}""");
        var ours = instance.Mcp.CallLoad("far_mix") with { Connections = Connections };
        var theirs = instance.Mcp.CallLoad("mix") with { Port = port, Connections = Connections };
        foreach (var load in (LoadSpec[])[ours, theirs])
        {
            await LoadProcess.RunAsync(load with { WarmSeconds = CompilesFor, Seconds = 1 });
        }

        List<LoadResult> our = [];
        List<LoadResult> its = [];
        for (var round = 0; round < Run.Rounds; round++)
        {
            its.Add(Checked(await LoadProcess.RunAsync(theirs with { Seed = run.Random.Next() })));
            our.Add(Checked(await LoadProcess.RunAsync(ours with { Seed = run.Random.Next() })));
        }

        var (rate, peer) = (Percentiles.Median([.. our.Select(o => o.Rate)]), Percentiles.Median([.. its.Select(o => o.Rate)]));
        run.Add(new Figure($"`tools/call` passed to an MCP server over HTTP, {Connections} connections", $"{rate:0} /s", $"raw-copy proxy to the same server {peer:0} /s", rate / peer, $"≥ {Bar}", rate / peer >= Bar));
        var (p50, itsP50) = (Percentiles.Median([.. our.Select(o => o.Latency.P50)]), Percentiles.Median([.. its.Select(o => o.Latency.P50)]));
        run.Add(new Figure("the same, p50", $"{p50:0.00} ms", $"the proxy {itsP50:0.00} ms", p50 / itsP50, "for the reader", null));
    }

    private static LoadResult Checked(LoadResult result) => result.Checked > 0 ? result : throw new InvalidDataException("no answer was read");
}
