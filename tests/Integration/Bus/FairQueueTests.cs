using Microsoft.Extensions.Logging.Abstractions;

using ToolRuntime.Bus;
using ToolRuntime.Bus.Nats.JetStream;
using ToolRuntime.Bus.Nats.Server;
using ToolRuntime.Bus.Queue;
using ToolRuntime.Functions;

namespace ToolRuntime.Tests.Integration.Bus;

/// <summary>The invocation queue between tenants, on a server of their own: its consumers are counted.</summary>
public sealed class FairQueueTests : IAsyncLifetime
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"toolrt-bus-{Ids.New()}");
    private NatsServerProcess? _server;

    public async ValueTask InitializeAsync() =>
        _server = await NatsServerProcess.StartAsync(new NatsServerOptions { Folder = _folder }, NullLoggerFactory.Instance, TimeProvider.System, BusServer.Deadline());

    public async ValueTask DisposeAsync()
    {
        await _server!.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("noisy", "quiet", "add", "add", 2_000)]

    // Within a tenant as far as the taker sees: what it holds beside what runs.
    [InlineData("one", "one", "much", "little", 1_500)]
    public async Task WhatOneHasQueuedDelaysAnotherByAFewCalls(string noisyTenant, string quietTenant, string noisyFunction, string quietFunction, int queued)
    {
        const int Capacity = 1_024;
        const int Few = 8;
        await using var bus = await BusServer.ConnectAsync(_server!.Bus);
        var noisy = BusServer.NewInvocation(noisyTenant) with { Function = noisyFunction };
        await Task.WhenAll(Enumerable.Range(0, queued).Select(_ => bus.Queue.EnqueueAsync(noisy with { Id = Ids.New() }, owner: null, BusServer.Deadline()).AsTask()));
        var quiet = BusServer.NewInvocation(quietTenant) with { Function = quietFunction };

        // As many run at once as a runtime has room for; each that ends lets one begin.
        var running = new Queue<Delivery>();
        var (ended, endedWhenQueued, begunAfter) = (0, -1, -1);
        await foreach (var delivery in bus.Queue.TakeAsync("r1", ["base"], Capacity, BusServer.Deadline()))
        {
            if (delivery.Invocation.Id == quiet.Id)
            {
                begunAfter = ended - endedWhenQueued;
                await delivery.AckAsync(BusServer.Deadline());
                break;
            }

            running.Enqueue(delivery);
            if (running.Count < Capacity)
            {
                continue;
            }

            if (ended == Few)
            {
                await bus.Queue.EnqueueAsync(quiet, owner: null, BusServer.Deadline());
                endedWhenQueued = ended;
                await TakenAsync(bus, quiet, queued + 1);
            }

            // The taker's messages come on the connection's reading thread, which this loop must not hold.
            await Task.Yield();
            ended++;
            await running.Dequeue().AckAsync(BusServer.Deadline());
        }

        foreach (var left in running)
        {
            await left.AckAsync(BusServer.Deadline());
        }

        Assert.InRange(begunAfter, 0, Few);
    }

    [Fact]
    public async Task SixHundredTenantsHaveNoMoreThanFiveHundredConsumers()
    {
        const int Tenants = 600;
        const int Most = 500;
        await using var bus = await BusServer.ConnectAsync(_server!.Bus);
        await using var nats = await BusServer.ConnectNatsAsync(_server.Bus);
        var js = new NatsJSContext(nats);
        var calls = Enumerable.Range(0, Tenants).Select(n => BusServer.NewInvocation($"t{n}")).ToList();
        await Task.WhenAll(calls.Select(c => bus.Queue.EnqueueAsync(c, owner: null, BusServer.Deadline()).AsTask()));

        var (left, largest) = (calls.Select(c => c.Id).ToHashSet(), 0L);
        await foreach (var delivery in bus.Queue.TakeAsync("r1", ["base"], 64, BusServer.Deadline()))
        {
            Assert.True(left.Remove(delivery.Invocation.Id));
            largest = Math.Max(largest, (await js.GetAccountInfoAsync(BusServer.Deadline())).Consumers);
            await delivery.AckAsync(BusServer.Deadline());
            if (left.Count == 0)
            {
                break;
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{Tenants} tenants, at most {largest} consumers at once");
        Assert.Empty(left);
        Assert.InRange(largest, 1, Most);
    }

    /// <summary>Returns once the server has given the runtime the stream's last call, which the runtime holds until it is its turn.</summary>
    private static async Task TakenAsync(MessageBus bus, Invocation call, int last)
    {
        var name = $"any_{call.Pool}_{call.Caller.Tenant}";
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        for (var seen = 0; seen < 2; seen += await bus.Inspection.GivenAsync(name, BusServer.Deadline()) >= (ulong)last ? 1 : 0)
        {
            // What is given is on its way for a moment: the second look is a round trip behind it.
            await timer.WaitForNextTickAsync(BusServer.Deadline());
        }
    }
}
