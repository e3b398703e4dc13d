using System.Diagnostics;

using Microsoft.Extensions.Logging.Abstractions;

using ToolRuntime.Benchmarks.Figures;
using ToolRuntime.Benchmarks.Instances;
using ToolRuntime.Benchmarks.Load;
using ToolRuntime.Benchmarks.Peers;
using ToolRuntime.Bus.Nats;
using ToolRuntime.Bus.Nats.JetStream;

namespace ToolRuntime.Benchmarks.Suites;

/// <summary>Our NATS client against the one from npm, on the same server: published messages a second, and what each allocates.</summary>
internal static class BusClient
{
    private const int Core = 500_000;
    private const int Stored = 50_000;
    private const int Window = 1_000;
    private static readonly byte[] s_data = [.. Enumerable.Repeat((byte)'x', 128)];

    public static async Task MeasureAsync(Run run)
    {
        await using var instance = await Instance.StartAsync("--role", "gateway");
        var server = await ServerAsync(instance);
        var opts = new NatsOpts { Servers = [server.Url], AuthOpts = new NatsAuthOpts { Username = server.User, Password = server.Password } };
        await using var nats = new NatsConnection(opts, NullLogger.Instance, TimeProvider.System);
        await nats.ConnectAsync(CancellationToken.None);
        var js = new NatsJSContext(nats);
        await js.CreateOrUpdateStreamAsync(new StreamConfig { Name = "BENCH", Subjects = ["bench.>"], MaxBytes = 256 << 20 }, CancellationToken.None);

        List<double> core = [], stored = [], peerCore = [], peerStored = [], bytes = [];
        for (var round = 0; round < Run.Rounds; round++)
        {
            await CoreAsync(nats, Core / 10);
            var before = GC.GetTotalAllocatedBytes(precise: true);
            core.Add(await RateAsync(Core, count => CoreAsync(nats, count)));
            bytes.Add((GC.GetTotalAllocatedBytes(precise: true) - before) / (double)Core);
            await StoredAsync(js, Stored / 10);
            stored.Add(await RateAsync(Stored, count => StoredAsync(js, count)));
            var peer = await NpmNatsPeer.MeasureAsync(server, "unheard", "bench.peer");
            peerCore.Add(peer.Core);
            peerStored.Add(peer.Stored);
        }

        Report(run, "messages of 128 B published without an answer", (core, peerCore), 3);
        Report(run, $"messages of 128 B stored, {Window:N0} on their way", (stored, peerStored), 4);
        var allocated = Percentiles.Median(bytes);
        run.Add(new Figure("allocated for each message without an answer", $"{allocated:0} B", "", null, "≤ 100 B", allocated <= 100));
    }

    private static void Report(Run run, string name, (List<double> Ours, List<double> Peers) rates, double bar)
    {
        var (ours, peers) = (Percentiles.Median(rates.Ours), Percentiles.Median(rates.Peers));
        run.Add(new Figure(name, $"{ours:N0} /s", $"npm nats {peers:N0} /s", ours / peers, $"≥ {bar}", ours / peers >= bar));
    }

    private static async Task<double> RateAsync(int count, Func<int, Task> work)
    {
        var start = Stopwatch.GetTimestamp();
        await work(count);
        return count / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static async Task CoreAsync(NatsConnection nats, int count)
    {
        for (var i = 0; i < count; i++)
        {
            await nats.PublishAsync("unheard", s_data, default, null, NatsFlush.Soon, CancellationToken.None);
        }

        await nats.PingAsync(CancellationToken.None);
    }

    private static Task StoredAsync(NatsJSContext js, int count)
    {
        var next = -1;
        return Task.WhenAll(Enumerable.Range(0, Window).Select(async _ =>
        {
            while (Interlocked.Increment(ref next) < count)
            {
                await js.PublishAsync("bench.ours", s_data, default, default, CancellationToken.None);
            }
        }));
    }

    private static async Task<(string Url, string User, string Password)> ServerAsync(Instance instance)
    {
        var options = await DurableStreams.OptionsAsync(instance);
        return ($"nats://{new Uri(options.Servers[0]).Authority}", options.User!, (await File.ReadAllLinesAsync(options.PasswordFile!))[0]);
    }
}
