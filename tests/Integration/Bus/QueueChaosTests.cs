using System.Collections.Concurrent;
using System.Diagnostics;

using Microsoft.Extensions.Logging.Abstractions;

using ToolRuntime.Bus;
using ToolRuntime.Bus.Nats.Server;
using ToolRuntime.Bus.Queue;
using ToolRuntime.Functions;

namespace ToolRuntime.Tests.Integration.Bus;

/// <summary>Runtimes that die with calls in their hands, and a message server that is killed again and again: no call stays in the queue for ever, none is taken from a runtime that lives.</summary>
[Trait("Category", "Long")]
public sealed class QueueChaosTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int Rounds = 3;
    private const int CallsOfRound = 12;

    /// <summary>What the living runtime holds: one call, and what it took ahead.</summary>
    private const int TakenAhead = 4;

    /// <summary>A runtime says every 3 s that it is at work, and has to find a server that was restarted before; the machine may be busy.</summary>
    private static readonly TimeSpan s_ackDeadline = TimeSpan.FromSeconds(8);

    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"toolrt-fault-{Ids.New()}");
    private readonly string _pool = Ids.New();
    private readonly List<string> _open = [];
    private NatsServerProcess _server = null!;

    private BusOptions Options => _server.Bus with { AckDeadline = s_ackDeadline };

    public async ValueTask InitializeAsync() =>
        _server = await NatsServerProcess.StartAsync(new NatsServerOptions { Folder = _folder }, NullLoggerFactory.Instance, TimeProvider.System, BusServer.Deadline());

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task EveryCallIsTakenInTheEndAndNoneFromARuntimeThatLives()
    {
        var seed = TestSeed.Next();
        var random = new Random(seed);
        await using var caller = await BusServer.ConnectAsync(Options);
        await using var living = await BusServer.ConnectAsync(Options);
        await EnqueueAsync(caller, 1);
        using var life = new CancellationTokenSource(BusServer.Limit * 2);
        await using var held = living.Queue.TakeAsync(Ids.New(), [_pool], capacity: 1, life.Token).GetAsyncEnumerator();
        Assert.True(await held.MoveNextAsync());
        _open.Remove(held.Current.Invocation.Id);
        for (var round = 0; round < Rounds; round++)
        {
            await EnqueueAsync(caller, CallsOfRound);
            await DieAsync(random);
        }

        // Stored once the server is back.
        await EnqueueAsync(caller, 1);
        await using var last = await BusServer.ConnectAsync(Options);
        using var ending = new CancellationTokenSource(BusServer.Limit);
        var taken = new ConcurrentDictionary<string, int>(StringComparer.Ordinal);
        var taking = Task.Run(() => TakeAllAsync(last.Queue.TakeAsync(Ids.New(), [_pool], capacity: 64, ending.Token).GetAsyncEnumerator(), taken));
        await DepthAsync(caller, TakenAhead);
        var mine = held.Current.Invocation.Id;
        Assert.DoesNotContain(mine, taken.Keys);
        await held.Current.AckAsync(BusServer.Deadline());
        var rest = Task.Run(() => TakeAllAsync(held, taken));
        await DepthAsync(caller, 0);
        output.WriteLine($"seed {seed}: {_open.Count} calls open after {Rounds} kills, {taken.Count(t => t.Value > 1)} had been taken before");

        Assert.DoesNotContain(mine, taken.Keys);
        Assert.Empty(_open.Except(taken.Keys));
        await ending.CancelAsync();
        await life.CancelAsync();
        await Task.WhenAll(taking, rest);
    }

    private static async Task TakeAllAsync(IAsyncEnumerator<Delivery> deliveries, ConcurrentDictionary<string, int> taken)
    {
        while (await deliveries.MoveNextAsync())
        {
            taken[deliveries.Current.Invocation.Id] = deliveries.Current.Attempt;
            await deliveries.Current.AckAsync(BusServer.Deadline());
        }
    }

    private async Task DepthAsync(MessageBus bus, int wanted)
    {
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        var deadline = BusServer.Deadline();
        while (await bus.Queue.DepthAsync(_pool, deadline) > wanted)
        {
            await look.WaitForNextTickAsync(deadline);
        }
    }

    private async Task EnqueueAsync(MessageBus caller, int calls)
    {
        for (var i = 0; i < calls; i++)
        {
            var call = BusServer.NewInvocation(pool: _pool);
            await caller.Queue.EnqueueAsync(call, owner: null, BusServer.Deadline());
            _open.Add(call.Id);
        }
    }

    /// <summary>A runtime takes some calls, settles a part of them, and is gone, and so is the server, once it has written what it gave out and not yet what it removed.</summary>
    private async Task DieAsync(Random random)
    {
        await using (var dying = await BusServer.ConnectAsync(Options))
        {
            await TakeSomeAsync(dying, random);
        }

        var settled = DateTime.UtcNow;
        var state = Directory.EnumerateFiles(_folder, "o.dat", SearchOption.AllDirectories).Single(f => f.Contains($"any_{_pool}_", StringComparison.Ordinal));
        await UntilAsync(() => File.GetLastWriteTimeUtc(state) > settled);
        var before = _server.ProcessId;
        Process.GetProcessById(before).Kill();
        await UntilAsync(() => _server.ProcessId != before);
    }

    private async Task TakeSomeAsync(MessageBus dying, Random random)
    {
        var left = random.Next(4, CallsOfRound);
        await foreach (var delivery in dying.Queue.TakeAsync(Ids.New(), [_pool], CallsOfRound, BusServer.Deadline()))
        {
            if (random.Next(2) == 0)
            {
                await delivery.AckAsync(BusServer.Deadline());
                _open.Remove(delivery.Invocation.Id);
            }
            else
            {
                delivery.Abandon();
            }

            if (--left == 0)
            {
                return;
            }
        }
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        var deadline = BusServer.Deadline();
        while (!condition())
        {
            await look.WaitForNextTickAsync(deadline);
        }
    }
}
