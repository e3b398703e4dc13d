using System.Text;

using Microsoft.Extensions.Logging.Abstractions;

using ToolRuntime.Bus;
using ToolRuntime.Bus.Nats.JetStream;
using ToolRuntime.Bus.Sessions;
using ToolRuntime.Bus.State;
using ToolRuntime.Functions;

namespace ToolRuntime.Tests.Integration.Bus;

/// <summary>What sessions and tenants remember, and what calls keep for their next attempt.</summary>
public sealed class StateTests(BusServer server)
{
    [Fact]
    public async Task AValueIsReadSwappedByItsRevisionAndForgotten()
    {
        await using var bus = await server.ConnectAsync();
        var scope = new StateScope("t" + Ids.New(), Ids.New());
        var first = await bus.State.PutAsync(scope, "a/b", "1"u8.ToArray(), null, 0, BusServer.Deadline());
        var again = await bus.State.PutAsync(scope, "a/b", "2"u8.ToArray(), null, 0, BusServer.Deadline());
        var second = await bus.State.PutAsync(scope, "a/b", "3"u8.ToArray(), null, first.Revision, BusServer.Deadline());
        var late = await bus.State.PutAsync(scope, "a/b", "4"u8.ToArray(), null, first.Revision, BusServer.Deadline());

        Assert.Equal((true, false, true, false), (first.IsDone, again.IsDone, second.IsDone, late.IsDone));
        Assert.Equal((first.Revision, second.Revision), (again.Revision, late.Revision));
        Assert.Equal(("3", second.Revision), await ReadAsync(bus, scope, "a/b"));
        Assert.False((await bus.State.DeleteAsync(scope, "a/b", first.Revision, BusServer.Deadline())).IsDone);
        Assert.True((await bus.State.DeleteAsync(scope, "a/b", second.Revision, BusServer.Deadline())).IsDone);
        Assert.Equal(new StateWrite(false, 0), await bus.State.DeleteAsync(scope, "a/b", null, BusServer.Deadline()));
        Assert.True((await bus.State.PutAsync(scope, "a/b", "5"u8.ToArray(), null, 0, BusServer.Deadline())).IsDone);
    }

    [Fact]
    public async Task OfManyWhoCountAtOnceNoneIsLost()
    {
        await using var bus = await server.ConnectAsync();
        var scope = new StateScope("t" + Ids.New());
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            for (var done = 0; done < 10;)
            {
                var present = await bus.State.GetAsync(scope, "count", BusServer.Deadline());
                var next = (present is { } entry ? int.Parse(Encoding.UTF8.GetString(entry.Value.Span)) : 0) + 1;
                done += (await bus.State.PutAsync(scope, "count", Encoding.UTF8.GetBytes($"{next}"), null, present?.Revision ?? 0, BusServer.Deadline())).IsDone ? 1 : 0;
            }
        }));

        Assert.Equal("80", (await ReadAsync(bus, scope, "count")).Value);
    }

    [Fact]
    public async Task WhatHasExpiredIsMissingMayBeMadeAnewAndIsSweptOffTheServer()
    {
        var clock = new ShiftedClock();
        await using var bus = await MessageBus.ConnectAsync(server.Options, NullLoggerFactory.Instance, clock, BusServer.Deadline());
        var scope = new StateScope("t" + Ids.New(), Ids.New());
        foreach (var key in (string[])["short", "read", "long", "again"])
        {
            await bus.State.PutAsync(scope, key, "1"u8.ToArray(), TimeSpan.FromSeconds(key == "long" ? 600 : 60), null, BusServer.Deadline());
        }

        clock.Shift = TimeSpan.FromSeconds(61);

        Assert.Null(await bus.State.GetAsync(scope, "read", BusServer.Deadline()));
        Assert.True((await bus.State.PutAsync(scope, "again", "2"u8.ToArray(), null, 0, BusServer.Deadline())).IsDone);
        Assert.Equal(["again", "long"], (await bus.State.ListAsync(scope, "", BusServer.Deadline())).Select(e => e.Key));
        Assert.Equal(["long"], (await bus.State.ListAsync(scope, "lo", BusServer.Deadline())).Select(e => e.Key));
        Assert.True(await bus.State.SweepAsync(BusServer.Deadline()) >= 1);
        await using var nats = await BusServer.ConnectNatsAsync(server.Options);
        Assert.Equal(2, await new NatsJSContext(nats).CountMessagesAsync("KV_STATE", $"$KV.STATE.{scope.Tenant}.>", BusServer.Deadline()));
    }

    [Fact]
    public async Task ScopesAreApartAndBoundsAreSaid()
    {
        await using var bus = await BusServer.ConnectAsync(server.Options with { State = new StateOptions { MaximumSessionKeys = 2, MaximumValueBytes = 10 } });
        var tenant = "t" + Ids.New();
        var (session, other, whole) = (new StateScope(tenant, Ids.New()), new StateScope(tenant, Ids.New()), new StateScope(tenant));
        foreach (var scope in (StateScope[])[session, other, whole])
        {
            await bus.State.PutAsync(scope, "k", Encoding.UTF8.GetBytes($"\"{scope.Session?[..4]}\""), null, null, BusServer.Deadline());
        }

        Assert.Equal(($"\"{session.Session![..4]}\"", "\"\""), ((await ReadAsync(bus, session, "k")).Value, (await ReadAsync(bus, whole, "k")).Value));
        await bus.State.PutAsync(session, "l", "1"u8.ToArray(), null, null, BusServer.Deadline());
        await bus.State.PutAsync(session, "l", "2"u8.ToArray(), null, null, BusServer.Deadline());
        Assert.Contains("2 keys already", await FaultAsync(bus.State.PutAsync(session, "m", "1"u8.ToArray(), null, null, BusServer.Deadline())), StringComparison.Ordinal);
        Assert.Contains("10 are allowed", await FaultAsync(bus.State.PutAsync(other, "m", "12345678901"u8.ToArray(), null, null, BusServer.Deadline())), StringComparison.Ordinal);
        foreach (var key in (string[])["", "a b", "a..b", ".a", "a.", "a*", "ä", new string('a', 201)])
        {
            Assert.Contains("cannot be a key", await FaultAsync(bus.State.PutAsync(other, key, "1"u8.ToArray(), null, null, BusServer.Deadline())), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(10)]
    [InlineData(8 << 20)]
    [InlineData(50 << 20)]
    public async Task ACheckpointIsFoundByTheNextAttemptWhoseOwnTheFormerOneDoesNotOverwrite(int length)
    {
        await using var bus = await server.ConnectAsync();
        var key = TopicKey.Of(BusServer.NewInvocation());
        byte[] State(char c) => Encoding.UTF8.GetBytes($"\"{new string(c, length)}\"");
        var zombie = bus.Keeps.Open(key, 1);
        await zombie.SaveAsync(State('a'), BusServer.Deadline());
        await zombie.SaveAsync(State('b'), BusServer.Deadline());

        var successor = bus.Keeps.Open(key, 2);
        var (isKept, found) = await successor.ReadAsync(BusServer.Deadline());
        Assert.True(isKept && found.Span.SequenceEqual(State('b')));
        await successor.SaveAsync(State('c'), BusServer.Deadline());

        await Assert.ThrowsAsync<FencedException>(async () => await zombie.SaveAsync(State('z'), BusServer.Deadline()));
        Assert.True((await bus.Keeps.Open(key, 3).ReadAsync(BusServer.Deadline())).Checkpoint.Span.SequenceEqual(State('c')));
        await successor.RemoveAsync(BusServer.Deadline());
        Assert.False((await bus.Keeps.Open(key, 3).ReadAsync(BusServer.Deadline())).IsKept);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(1 << 20)]
    public async Task TheFirstResultOfAStepStays(int length)
    {
        await using var bus = await server.ConnectAsync();
        var key = TopicKey.Of(BusServer.NewInvocation());
        var (first, second) = (bus.Keeps.Open(key, 1), bus.Keeps.Open(key, 2));
        byte[] result = Encoding.UTF8.GetBytes($"\"{new string('a', length)}\"");

        Assert.Null(await first.StepAsync("pay", BusServer.Deadline()));
        Assert.True((await first.FinishStepAsync("pay", result, BusServer.Deadline())).Span.SequenceEqual(result));

        Assert.True((await second.ReadAsync(BusServer.Deadline())).IsKept);
        Assert.True((await second.StepAsync("pay", BusServer.Deadline()))!.Value.Span.SequenceEqual(result));
        Assert.True((await second.FinishStepAsync("pay", "2"u8.ToArray(), BusServer.Deadline())).Span.SequenceEqual(result));
    }

    private static async Task<(string Value, ulong Revision)> ReadAsync(MessageBus bus, StateScope scope, string key)
    {
        var entry = (await bus.State.GetAsync(scope, key, BusServer.Deadline()))!.Value;
        return (Encoding.UTF8.GetString(entry.Value.Span), entry.Revision);
    }

    private static async Task<string> FaultAsync(ValueTask<StateWrite> write) => (await Assert.ThrowsAsync<FunctionFaultException>(async () => await write)).Fault.Message;

    private sealed class ShiftedClock : TimeProvider
    {
        public TimeSpan Shift { get; set; }

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Shift;
    }
}
