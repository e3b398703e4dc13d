using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

using ToolRuntime.Bus;
using ToolRuntime.Bus.Nats;
using ToolRuntime.Bus.Nats.JetStream;
using ToolRuntime.Functions;

namespace ToolRuntime.Tests.Integration.Bus;

/// <summary>Three servers, every stream in three copies: the one that leads the queue is killed under load.</summary>
public sealed class ClusterTests : IAsyncLifetime
{
    private const int Servers = 3;

    // A server that hears nothing of its leader stands for election after 4 to 9 s, by chance; where two stand at once, they do so again.
    private const int Kills = 3;
    private static readonly TimeSpan s_longestGap = TimeSpan.FromSeconds(10);
    private readonly string _folder = Directory.CreateTempSubdirectory("toolrt-cluster-").FullName;
    private readonly Process?[] _processes = new Process?[Servers];
    private readonly int[] _ports = new int[Servers];

    public ValueTask InitializeAsync()
    {
        var ports = FreePorts(Servers * 2);
        for (var i = 0; i < Servers; i++)
        {
            _ports[i] = ports[i];
            var routes = string.Join(", ", ports.Skip(Servers).Select(p => $"nats://127.0.0.1:{p}"));
            File.WriteAllText(
                Path.Combine(_folder, $"n{i}.conf"),
                $"server_name: n{i}\nlisten: 127.0.0.1:{ports[i]}\njetstream {{ store_dir: \"{_folder}/n{i}\", max_file_store: 2GB }}\nlog_file: \"{_folder}/n{i}.log\"\ncluster {{ name: test, listen: 127.0.0.1:{ports[Servers + i]}, routes: [ {routes} ] }}\n");
            Start(i);
        }

        return default;
    }

    public ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
        {
            process?.Kill();
            process?.WaitForExit();
            process?.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
        return default;
    }

    [Fact]
    public async Task NothingAcknowledgedIsLostWhenTheLeaderIsKilledUnderLoad()
    {
        var options = new BusOptions { Servers = [.. _ports.Select(p => $"nats://127.0.0.1:{p}")], Replicas = Servers, Partitions = 1 }.ScaledTo(600L << 20);
        await using var bus = await ReachAsync(options);
        await using var nats = new NatsConnection(new NatsOpts { Servers = options.Servers }, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance, TimeProvider.System);
        await nats.ConnectAsync(BusServer.Deadline());
        var js = new NatsJSContext(nats);
        using var ending = new CancellationTokenSource();
        var stored = new List<string>();
        var (last, gap) = (TimeProvider.System.GetTimestamp(), TimeSpan.Zero);
        var loading = Task.Run(async () =>
        {
            while (!ending.IsCancellationRequested)
            {
                var call = BusServer.NewInvocation();
                await bus.Queue.EnqueueAsync(call, owner: null, BusServer.Deadline());
                stored.Add(call.Id);
                var now = TimeProvider.System.GetTimestamp();
                gap = TimeSpan.FromTicks(Math.Max(gap.Ticks, TimeProvider.System.GetElapsedTime(last, now).Ticks));
                last = now;
            }
        });
        await UntilAsync(() => stored.Count > 100);
        List<TimeSpan> gaps = [];
        var leader = 0;
        while (gaps.Count < Kills && !gaps.Exists(g => g <= s_longestGap))
        {
            if (gaps.Count > 0)
            {
                Start(leader);
                await UntilAllHaveItAsync(nats);
            }

            gap = TimeSpan.Zero;
            leader = await KillLeaderAsync(js);
            var before = stored.Count;
            await UntilAsync(() => stored.Count > before + 100);
            gaps.Add(gap);
            TestContext.Current.TestOutputHelper?.WriteLine($"leader n{leader} killed: {stored.Count} acknowledged, longest gap {gap.TotalSeconds:0.00} s");
        }

        await ending.CancelAsync();
        await loading;

        var taken = new HashSet<string>();
        await foreach (var delivery in bus.Queue.TakeAsync("r1", ["base"], 256, BusServer.Deadline()))
        {
            taken.Add(delivery.Invocation.Id);
            await delivery.AckAsync(BusServer.Deadline());
            if (taken.Count == stored.Count)
            {
                break;
            }
        }

        Assert.Equal(stored.Order(), taken.Order());
        Assert.InRange(gaps.Min(), TimeSpan.Zero, s_longestGap);
    }

    private async Task<int> KillLeaderAsync(NatsJSContext js)
    {
        var leader = (await js.GetStreamAsync("INVOKE", BusServer.Deadline())).Cluster!.Leader!;
        var dead = int.Parse(leader.AsSpan(1), System.Globalization.CultureInfo.InvariantCulture);
        _processes[dead]!.Kill();
        await _processes[dead]!.WaitForExitAsync(BusServer.Deadline());
        return dead;
    }

    private static async Task UntilAllHaveItAsync(NatsConnection nats)
    {
        var deadline = BusServer.Deadline();
        while (true)
        {
            using var info = JsonDocument.Parse((await nats.RequestAsync("$JS.API.STREAM.INFO.INVOKE", default, default, deadline)).Data);
            if (info.RootElement.GetProperty("cluster").GetProperty("replicas").EnumerateArray().All(r => r.GetProperty("current").GetBoolean()))
            {
                return;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200), deadline);
        }
    }

    private static async Task<MessageBus> ReachAsync(BusOptions options)
    {
        var deadline = BusServer.Deadline();
        while (true)
        {
            try
            {
                return await BusServer.ConnectAsync(options);
            }
            catch (InvalidOperationException) when (!deadline.IsCancellationRequested)
            {
                // The three have not found each other yet, or no stream's leader is chosen.
                await Task.Delay(TimeSpan.FromMilliseconds(200), deadline);
            }
        }
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        var deadline = BusServer.Deadline();
        while (!condition())
        {
            await timer.WaitForNextTickAsync(deadline);
        }
    }

    private static List<int> FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        listeners.ForEach(l => l.Start());
        var ports = listeners.Select(l => ((IPEndPoint)l.LocalEndpoint).Port).ToList();
        listeners.ForEach(l => l.Dispose());
        return ports;
    }

    private void Start(int server) =>
        _processes[server] = Process.Start(new ProcessStartInfo("nats-server") { ArgumentList = { "-c", Path.Combine(_folder, $"n{server}.conf") } });
}
