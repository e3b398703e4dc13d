using System.Diagnostics;

using ToolRuntime.Benchmarks.Figures;
using ToolRuntime.Benchmarks.Instances;
using ToolRuntime.Benchmarks.Load;

namespace ToolRuntime.Benchmarks.Suites;

/// <summary>Requests that the gateway answers itself.</summary>
internal static class GatewayAnswers
{
    private const int Connections = 16;
    private const double KestrelBar = 0.6;
    private const double EverythingBar = 20;

    public static async Task MeasureAsync(Run run)
    {
        await using var instance = await Instance.StartAsync();
        await instance.Admin.DeployAsync("twenty", "twenty.py", Run.Source("twenty.py", "twenty"));
        var (everything, theirs) = await FieldServer.StartAsync();
        using var peer = everything;
        var session = await LegacySession.OpenAsync(instance.Port);
        // The gateway's code is compiled for speed before the first figure, whichever comes first.
        await LoadProcess.RunAsync(instance.Mcp.RequestLoad("server/discover") with { Connections = Connections, WarmSeconds = 0, Seconds = 5 });
        await MeasureAsync(run, "server/discover", instance.Mcp.RequestLoad("server/discover"), FieldServer.Load("server/discover", theirs));
        await MeasureAsync(run, "tools/list", instance.Mcp.RequestLoad("tools/list") with { Expect = "tool20" }, FieldServer.Load("tools/list", theirs));
        await MeasureAsync(run, "ping", LegacySession.Load(instance.Port, "ping", session), FieldServer.Load("ping", theirs));
    }

    private static async Task MeasureAsync(Run run, string method, LoadSpec ours, LoadSpec theirs)
    {
        ours = ours with { Connections = Connections, Expect = ours.Expect ?? "\"result\"" };
        var size = (await LoadProcess.RunAsync(ours with { WarmSeconds = 2, Seconds = 1 })).AnswerBytes;
        using var kestrel = Kestrel.Start(size, out var port);
        var limit = ours with { Port = port, Expect = null };
        await LoadProcess.RunAsync(limit with { WarmSeconds = 2, Seconds = 1 });
        List<double> our = [];
        List<double> its = [];
        for (var round = 0; round < Run.Rounds; round++)
        {
            its.Add((await LoadProcess.RunAsync(limit)).Rate);
            our.Add((await LoadProcess.RunAsync(ours with { Seed = run.Random.Next() })).Rate);
        }

        var field = (await LoadProcess.RunAsync(theirs with { Connections = Connections })).Rate;
        var (rate, peer) = (Percentiles.Median(our), Percentiles.Median(its));
        run.Add(new Figure($"`{method}`, {Connections} connections, {size} bytes", $"{rate:0} /s", $"Kestrel, fixed answer {peer:0} /s", rate / peer, $"≥ {KestrelBar}", rate / peer >= KestrelBar));
        run.Add(new Figure($"`{method}`, {Connections} connections", $"{rate:0} /s", $"server-everything {field:0} /s", rate / field, $"≥ {EverythingBar}", rate / field >= EverythingBar));
    }

    private sealed class Kestrel(Process process) : IDisposable
    {
        public static Kestrel Start(int size, out int port)
        {
            port = Instance.FreePort();
            var started = new Kestrel(Process.Start(Self.Start("peer", "kestrel", port.ToString(), size.ToString()))!);
            FieldServer.WaitForPort(port);
            return started;
        }

        public void Dispose()
        {
            process.Kill();
            process.Dispose();
        }
    }
}
