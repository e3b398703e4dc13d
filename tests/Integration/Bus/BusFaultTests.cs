using System.Diagnostics;
using System.Text;

using Microsoft.Extensions.Logging.Abstractions;

using ToolRuntime.Bus.Logs;
using ToolRuntime.Bus.Nats.Server;
using ToolRuntime.Bus.Pipes;
using ToolRuntime.Bus.Sessions;
using ToolRuntime.Bus.State;
using ToolRuntime.Functions;

namespace ToolRuntime.Tests.Integration.Bus;

public sealed class BusFaultTests(BusServer server)
{
    [Fact]
    public async Task WhatWasAcknowledgedSurvivesAKilledServerAndTheReaderMissesNothing()
    {
        const int Events = 300;
        var folder = Directory.CreateTempSubdirectory("toolrt-fault-").FullName;
        await using (var own = await NatsServerProcess.StartAsync(new NatsServerOptions { Folder = folder }, NullLoggerFactory.Instance, TimeProvider.System, BusServer.Deadline()))
        await using (var gateway = await BusServer.ConnectAsync(own.Bus))
        await using (var runtime = await BusServer.ConnectAsync(own.Bus))
        {
            var key = TopicKey.Of(BusServer.NewInvocation());
            await using var follower = await gateway.Topics.FollowFromAsync(key, 0, BusServer.Deadline());
            var writing = WriteAsync(runtime.Topics, key, Events, () => Process.GetProcessById(own.ProcessId).Kill());
            var read = new List<string>();
            while (await follower.NextAsync(BusServer.Deadline()) is { } next)
            {
                read.Add(Encoding.UTF8.GetString(next.Event.Data.Span));
            }

            await writing;
            Assert.Equal(Enumerable.Range(1, Events).Select(i => i.ToString()).Append("end"), read);
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task AReaderThatFallsBehindOrComesLateGetsEveryEventOnce()
    {
        const int Events = 1000;
        await using var gateway = await server.ConnectAsync();
        await using var runtime = await server.ConnectAsync();
        var key = TopicKey.Of(BusServer.NewInvocation());
        await using var slow = await gateway.Topics.FollowFromAsync(key, 0, BusServer.Deadline());
        await WriteAsync(runtime.Topics, key, Events, () => { });
        await using var late = await gateway.Topics.FollowFromAsync(key, 0, BusServer.Deadline());
        var expected = Enumerable.Range(1, Events).Select(i => i.ToString()).Append("end").ToList();
        var all = await ReadAsync(slow);
        Assert.Equal(expected, all.Select(e => e.Data));
        Assert.Equal(expected, (await ReadAsync(late)).Select(e => e.Data));

        await using var resumed = await gateway.Topics.FollowFromAsync(key, all[600].Sequence, BusServer.Deadline());
        Assert.Equal(expected[601..], (await ReadAsync(resumed)).Select(e => e.Data));
        await using var past = await gateway.Topics.FollowFromAsync(key, all[^1].Sequence, BusServer.Deadline());
        Assert.Null(await past.NextAsync(BusServer.Deadline()));
        await using var gone = await gateway.Topics.FollowFromAsync(key with { Invocation = Ids.New() }, 5, BusServer.Deadline());
        Assert.Equal(EventKind.Gone, (await gone.NextAsync(BusServer.Deadline()))!.Value.Event.Kind);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task AReaderWhoseWaitsEndWhileLargeDataComesMissesNothing(bool ofSession)
    {
        const int Events = 12;
        await using var bus = await server.ConnectAsync();
        var key = TopicKey.Of(BusServer.NewInvocation());
        var writer = await bus.Topics.OpenWriterAsync(key, 1, BusServer.Deadline());
        for (var i = 0; i < Events; i++)
        {
            await writer.EmitAsync(new InvocationEvent(EventKind.Output, Enumerable.Repeat((byte)i, 2 << 20).ToArray()), BusServer.Deadline());
        }

        await using var call = await bus.Topics.FollowFromAsync(key, 0, BusServer.Deadline());
        await using var session = await bus.Topics.FollowSessionAsync(key.Tenant, key.Session, 0, BusServer.Deadline());
        var read = new List<byte>();
        var ended = 0;
        while (read.Count < Events && ended < 300)
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(Math.Min(1 + ended, 300)));
            try
            {
                read.AddRange((ofSession ? await session.NextAsync(patience.Token) : await call.NextAsync(patience.Token)) is { Event: var next } ? [next.Data.Span[^1]] : []);
            }
            catch (OperationCanceledException)
            {
                ended++;
            }
        }

        Assert.NotEqual(0, ended);
        Assert.Equal(Enumerable.Range(0, Events).Select(i => (byte)i), read);
    }

    [Fact]
    public async Task ARuntimeThatStopsTakingGivesBackWhatItDidNotBegin()
    {
        await using var bus = await server.ConnectAsync();
        await using var next = await server.ConnectAsync();
        var pool = Ids.New();
        var sent = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < 20; i++)
        {
            var invocation = BusServer.NewInvocation(pool: pool);
            sent.Add(invocation.Id);
            await bus.Queue.EnqueueAsync(invocation, owner: null, BusServer.Deadline());
        }

        await foreach (var delivery in bus.Queue.TakeAsync(Ids.New(), [pool], capacity: 64, BusServer.Deadline()))
        {
            sent.Remove(delivery.Invocation.Id);
            await delivery.AckAsync(BusServer.Deadline());
            break;
        }

        await foreach (var delivery in next.Queue.TakeAsync(Ids.New(), [pool], capacity: 64, BusServer.Deadline()))
        {
            Assert.Equal(1, delivery.Attempt);
            Assert.True(sent.Remove(delivery.Invocation.Id));
            await delivery.AckAsync(BusServer.Deadline());
            if (sent.Count == 0)
            {
                break;
            }
        }

        Assert.Empty(sent);
    }

    [Fact]
    public async Task AWriterThatWasOvertakenIsFenced()
    {
        await using var bus = await server.ConnectAsync();
        var key = TopicKey.Of(BusServer.NewInvocation());
        var zombie = await bus.Topics.OpenWriterAsync(key, 1, BusServer.Deadline());
        await zombie.EmitAsync(new InvocationEvent(EventKind.Started, "{}"u8.ToArray()), BusServer.Deadline());
        var successor = await bus.Topics.OpenWriterAsync(key, 2, BusServer.Deadline());
        Assert.Equal(EventKind.Started, successor.Last!.Value.Event.Kind);
        await successor.EmitAsync(new InvocationEvent(EventKind.Started, "{}"u8.ToArray()), BusServer.Deadline());
        await Assert.ThrowsAsync<FencedException>(() => zombie.EmitAsync(new InvocationEvent(EventKind.Progress, "{}"u8.ToArray()), BusServer.Deadline()).AsTask());
        await successor.EmitAsync(new InvocationEvent(EventKind.Completed, "{}"u8.ToArray()), BusServer.Deadline());
    }

    [Fact]
    public async Task RecordsOwnersAndLogsAreKept()
    {
        await using var bus = await server.ConnectAsync();
        var invocation = BusServer.NewInvocation();
        var outcome = new AuditOutcome(TimeProvider.System.GetUtcNow(), FaultCode.FunctionThrew, 3);
        await bus.Audit.RecordAsync(invocation, outcome, BusServer.Deadline());
        await bus.Audit.RecordAsync(invocation, outcome, BusServer.Deadline());

        var minute = TimeSpan.FromMinutes(1);
        Assert.Equal(1ul, (await bus.Owners.TryTakeAsync("local", invocation.Session, new OwnerClaim("a", minute, null), BusServer.Deadline()))!.Epoch);
        Assert.Null(await bus.Owners.TryTakeAsync("local", invocation.Session, new OwnerClaim("b", minute, null), BusServer.Deadline()));
        await bus.Owners.ReleaseAsync("local", invocation.Session, "a", BusServer.Deadline());
        Assert.Null(await bus.Owners.GetAsync("local", invocation.Session, BusServer.Deadline()));
        Assert.Equal(2ul, (await bus.Owners.TryTakeAsync("local", invocation.Session, new OwnerClaim("b", minute, null), BusServer.Deadline()))!.Epoch);

        var function = "f" + Ids.New();
        bus.Logs.Append("local", function, LineOf("one"));
        bus.Logs.Append("local", function, LineOf("two"));
        var texts = new List<string>();
        await foreach (var line in bus.Logs.ReadAsync("local", function, tail: 10, follow: true, BusServer.Deadline()))
        {
            texts.Add(line.Text);
            if (texts.Count == 2)
            {
                bus.Logs.Append("local", function, LineOf("three"));
            }

            if (texts.Count == 3)
            {
                break;
            }
        }

        Assert.Equal(["one", "two", "three"], texts);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task APipeReachesTheOwnerInThisProcessAndInAnother(bool sameProcess)
    {
        await using var runtime = await server.ConnectAsync();
        await using var other = await server.ConnectAsync();
        var gateway = sameProcess ? runtime : other;
        var (name, session) = (Ids.New(), Ids.New());
        await runtime.Owners.TryTakeAsync("local", session, new OwnerClaim(name, TimeSpan.FromMinutes(1), null), BusServer.Deadline());
        await using var accepting = runtime.Pipes.Accept(name, (address, _) => address.Argument == "yes"
            ? new ValueTask<Stream>(new MemoryStream("hello"u8.ToArray()))
            : throw new FunctionFaultException(FaultCode.ToolNotFound, "no such server"));

        await using var pipe = await OpenAsync(gateway.Pipes, new PipeAddress("local", session, PipeTarget.Mcp, "yes"));
        using var reader = new StreamReader(pipe);
        Assert.StartsWith("hello", await reader.ReadToEndAsync(BusServer.Deadline()), StringComparison.Ordinal);
        var refused = await Assert.ThrowsAsync<FunctionFaultException>(() => gateway.Pipes.OpenAsync(new PipeAddress("local", session, PipeTarget.Mcp, "no"), BusServer.Deadline()).AsTask());
        Assert.Equal(FaultCode.ToolNotFound, refused.Fault.Code);
    }

    /// <summary>The runtime says where it is reached a moment after it begins to accept.</summary>
    private static async Task<Stream> OpenAsync(ISessionPipes pipes, PipeAddress address)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (true)
        {
            try
            {
                return await pipes.OpenAsync(address, BusServer.Deadline());
            }
            catch (FunctionFaultException error) when (error.Fault.Code == FaultCode.RuntimeLost)
            {
                await timer.WaitForNextTickAsync(BusServer.Deadline());
            }
        }
    }

    private static LogLine LineOf(string text) => new(TimeProvider.System.GetUtcNow(), "", "stdout", "info", text);

    private static async Task WriteAsync(SessionTopics topics, TopicKey key, int events, Action halfWay)
    {
        var writer = await topics.OpenWriterAsync(key, 1, BusServer.Deadline());
        for (var i = 1; i <= events; i++)
        {
            if (i == events / 2)
            {
                halfWay();
            }

            await writer.EmitAsync(new InvocationEvent(EventKind.Output, Encoding.UTF8.GetBytes(i.ToString())), BusServer.Deadline());
        }

        await writer.EmitAsync(new InvocationEvent(EventKind.Completed, "end"u8.ToArray()), BusServer.Deadline());
    }

    private static async Task<List<(ulong Sequence, string Data)>> ReadAsync(TopicFollower follower)
    {
        var read = new List<(ulong, string)>();
        while (await follower.NextAsync(BusServer.Deadline()) is { } next)
        {
            read.Add((next.Sequence, Encoding.UTF8.GetString(next.Event.Data.Span)));
        }

        return read;
    }
}
