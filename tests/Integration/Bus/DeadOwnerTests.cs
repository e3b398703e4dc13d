using ToolRuntime.Bus;
using ToolRuntime.Bus.Queue;
using ToolRuntime.Bus.State;
using ToolRuntime.Functions;

namespace ToolRuntime.Tests.Integration.Bus;

/// <summary>A runtime owned a session, was given one of its calls, and is heard of no more: another gets its calls, each once.</summary>
public sealed class DeadOwnerTests(BusServer server)
{
    private const int Calls = 20;

    [Fact]
    public async Task WhoWinsTheSessionGetsWhatItsOwnerLeftEachCallOnce()
    {
        await using var dead = await server.ConnectAsync();
        var (name, pool, session) = (Ids.New(), Ids.New(), Ids.New());
        Assert.NotNull(await dead.Owners.TryTakeAsync("local", session, new OwnerClaim(name, TimeSpan.Zero, null), BusServer.Deadline()));
        var sent = await EnqueueAsync(dead, name, pool, session);
        await using var zombie = dead.Queue.TakeAsync(name, [], capacity: 1, BusServer.Deadline()).GetAsyncEnumerator(BusServer.Deadline());
        Assert.True(await zombie.MoveNextAsync());

        await using var one = await Heir.StartAsync(server, pool);
        await using var other = await Heir.StartAsync(server, pool);
        Assert.All(await Task.WhenAll(one.AdoptAsync(), other.AdoptAsync()), first => Assert.Equal(0, first));
        var moved = await Task.WhenAll(one.AdoptAsync(), other.AdoptAsync());

        var (heir, loser) = moved[0] > 0 ? (one, other) : (other, one);
        Assert.Equal((0, Calls), (moved.Min(), moved.Max()));
        var owner = await dead.Owners.GetAsync("local", session, BusServer.Deadline());
        Assert.Equal((heir.Name, 2ul), (owner!.Runtime, owner.Epoch));

        // The old owner wakes up: what it was given it sends on, as a runtime does that no longer has the session, and that adds nothing.
        var given = zombie.Current;
        await dead.Queue.SendOnAsync(given, owner, BusServer.Deadline());
        await given.AckAsync(BusServer.Deadline());

        var attempts = await heir.TakeAsync(Calls);
        Assert.Equal(sent.Order(StringComparer.Ordinal), attempts.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(2, attempts[given.Invocation.Id]);

        // As many again as may begin at once wait at the taker for their turn, and were delivered once too.
        Assert.InRange(attempts.Count(a => a.Value == 2), 1, 2);
        Assert.All(attempts, a => Assert.InRange(a.Value, 1, 2));
        Assert.Equal(0, await loser.AdoptAsync());
        while (await dead.Queue.DepthAsync(pool, BusServer.Deadline()) > 0)
        {
            await Task.Yield();
        }
    }

    [Fact]
    public async Task WhatALivingOwnerHasYetToTakeIsLeftToIt()
    {
        await using var bus = await server.ConnectAsync();
        var (name, pool, session) = (Ids.New(), Ids.New(), Ids.New());
        Assert.NotNull(await bus.Owners.TryTakeAsync("local", session, new OwnerClaim(name, TimeSpan.FromHours(1), null), BusServer.Deadline()));
        await EnqueueAsync(bus, name, pool, session);
        await using var heir = await Heir.StartAsync(server, pool);

        Assert.Equal(0, await heir.AdoptAsync());
        Assert.Equal(0, await heir.AdoptAsync());
        Assert.Equal(Calls, await bus.Queue.DepthAsync(pool, BusServer.Deadline()));
    }

    [Fact]
    public async Task ACallThatIsSentOnKeepsItsAttempt()
    {
        await using var bus = await server.ConnectAsync();
        var (pool, owner) = (Ids.New(), new SessionOwner(Ids.New(), 3, DateTimeOffset.MaxValue, null));
        await bus.Queue.EnqueueAsync(BusServer.NewInvocation(pool: pool), owner: null, BusServer.Deadline());
        await foreach (var delivery in bus.Queue.TakeAsync(Ids.New(), [pool], capacity: 1, BusServer.Deadline()))
        {
            if (delivery.Attempt == 1)
            {
                await delivery.NakAsync(TimeSpan.Zero, BusServer.Deadline());
                continue;
            }

            await bus.Queue.SendOnAsync(delivery, owner, BusServer.Deadline());
            await delivery.AckAsync(BusServer.Deadline());
            break;
        }

        await foreach (var delivery in bus.Queue.TakeAsync(owner.Runtime, [], capacity: 1, BusServer.Deadline()))
        {
            Assert.Equal(2, delivery.Attempt);
            await delivery.AckAsync(BusServer.Deadline());
            break;
        }
    }

    private static async Task<List<string>> EnqueueAsync(MessageBus bus, string owner, string pool, string session)
    {
        List<string> sent = [];
        for (var i = 0; i < Calls; i++)
        {
            var invocation = BusServer.NewInvocation(pool: pool) with { Session = session, SessionIsExplicit = true };
            await bus.Queue.EnqueueAsync(invocation, owner, BusServer.Deadline());
            sent.Add(invocation.Id);
        }

        return sent;
    }

    /// <summary>A runtime that serves the pool too.</summary>
    private sealed class Heir(MessageBus bus, string pool) : IAsyncDisposable
    {
        public string Name { get; } = Ids.New();

        public static async Task<Heir> StartAsync(BusServer server, string pool) => new(await server.ConnectAsync(), pool);

        public Task<int> AdoptAsync() => bus.DeadOwners.AdoptAsync(
            Name,
            [pool],
            (tenant, session, token) => bus.Owners.TryTakeAsync(tenant, session, new OwnerClaim(Name, TimeSpan.FromHours(1), null), token),
            BusServer.Deadline()).AsTask();

        /// <summary>Takes so many calls; the attempt of each.</summary>
        public async Task<Dictionary<string, int>> TakeAsync(int count)
        {
            var attempts = new Dictionary<string, int>(StringComparer.Ordinal);
            await foreach (var delivery in bus.Queue.TakeAsync(Name, [], capacity: 64, BusServer.Deadline()))
            {
                attempts.Add(delivery.Invocation.Id, delivery.Attempt);
                await delivery.AckAsync(BusServer.Deadline());
                if (attempts.Count == count)
                {
                    break;
                }
            }

            return attempts;
        }

        public ValueTask DisposeAsync() => bus.DisposeAsync();
    }
}
