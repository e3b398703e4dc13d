using System.Security.Cryptography;
using System.Text;
using System.Threading.Channels;

using ToolRuntime.Bus.Nats;
using ToolRuntime.Bus.Queue;
using ToolRuntime.Bus.Sessions;
using ToolRuntime.Bus.State;
using ToolRuntime.Functions;

namespace ToolRuntime.Tests.Integration.Bus;

public sealed class MessageBusTests(BusServer server)
{
    [Fact]
    public async Task ACallGoesRound()
    {
        await using var gateway = await server.ConnectAsync();
        await using var runtime = await server.ConnectAsync();
        var invocation = BusServer.NewInvocation(pool: "round");
        var key = TopicKey.Of(invocation);

        await using var follower = gateway.Topics.Follow(key);
        await gateway.Queue.EnqueueAsync(invocation, owner: null, BusServer.Deadline());
        Assert.Equal(1, await gateway.Queue.DepthAsync("round", BusServer.Deadline()));

        await foreach (var delivery in runtime.Queue.TakeAsync("r1", ["round"], capacity: 4, BusServer.Deadline()))
        {
            Assert.Equal(invocation.Id, delivery.Invocation.Id);
            Assert.Equal(1, delivery.Attempt);
            var writer = await runtime.Topics.OpenWriterAsync(key, delivery.Attempt, BusServer.Deadline());
            await writer.EmitAsync(new InvocationEvent(EventKind.Progress, """{"progress":1}"""u8.ToArray()), BusServer.Deadline());
            await writer.EmitAsync(new InvocationEvent(EventKind.Completed, """{"value":3}"""u8.ToArray()), BusServer.Deadline());
            await delivery.AckAsync(BusServer.Deadline());
            break;
        }

        Assert.Equal(EventKind.Progress, (await follower.NextAsync(BusServer.Deadline()))!.Value.Event.Kind);
        var end = (await follower.NextAsync(BusServer.Deadline()))!.Value;
        Assert.Equal("""{"value":3}""", Encoding.UTF8.GetString(end.Event.Data.Span));
        Assert.Null(await follower.NextAsync(BusServer.Deadline()));
        await EmptyAsync(gateway.Queue, "round", BusServer.Deadline());
    }

    [Fact]
    public async Task LargeArgumentsAndResultsTravelByReference()
    {
        await using var bus = await server.ConnectAsync();
        var large = RandomNumberGenerator.GetBytes(3_000_000);
        var invocation = BusServer.NewInvocation(pool: "large", arguments: large);
        var key = TopicKey.Of(invocation);
        await using var follower = bus.Topics.Follow(key);
        await bus.Queue.EnqueueAsync(invocation, owner: null, BusServer.Deadline());
        await foreach (var delivery in bus.Queue.TakeAsync("r2", ["large"], capacity: 1, BusServer.Deadline()))
        {
            Assert.True(large.AsSpan().SequenceEqual(delivery.Invocation.Arguments.Span));
            var writer = await bus.Topics.OpenWriterAsync(key, delivery.Attempt, BusServer.Deadline());
            await writer.EmitAsync(new InvocationEvent(EventKind.Completed, large), BusServer.Deadline());
            await delivery.AckAsync(BusServer.Deadline());
            break;
        }

        var end = (await follower.NextAsync(BusServer.Deadline()))!.Value;
        Assert.True(large.AsSpan().SequenceEqual(end.Event.Data.Span));
    }

    [Fact]
    public async Task AnUnfinishedDeliveryComesAgainAsTheSecondAttempt()
    {
        await using var bus = await server.ConnectAsync();
        var invocation = BusServer.NewInvocation(pool: "again");
        await bus.Queue.EnqueueAsync(invocation, owner: null, BusServer.Deadline());
        var attempts = new List<int>();
        await foreach (var delivery in bus.Queue.TakeAsync("r3", ["again"], capacity: 1, BusServer.Deadline()))
        {
            attempts.Add(delivery.Attempt);
            if (delivery.Attempt == 2)
            {
                await delivery.AckAsync(BusServer.Deadline());
                break;
            }

            await delivery.NakAsync(TimeSpan.Zero, BusServer.Deadline());
        }

        Assert.Equal([1, 2], attempts);
    }

    [Fact]
    public async Task TheCatalogIsWatchedAndSwappedByCompareAndSet()
    {
        await using var bus = await server.ConnectAsync();
        var record = new FunctionRecord { Tenant = Ids.New(), Name = "add", Active = [new WeightedVersion("d1", 100)], History = ["d1"], UpdatedAt = TimeProvider.System.GetUtcNow() };
        await using var watch = bus.Catalog.WatchAsync(BusServer.Deadline()).GetAsyncEnumerator(BusServer.Deadline());
        do
        {
            Assert.True(await watch.MoveNextAsync());
        }
        while (!watch.Current.IsCurrent);

        Assert.True(await bus.Catalog.TrySwapRecordAsync(record, 0, BusServer.Deadline()));
        Assert.False(await bus.Catalog.TrySwapRecordAsync(record, 0, BusServer.Deadline()));
        do
        {
            Assert.True(await watch.MoveNextAsync());
        }
        while (watch.Current.Tenant != record.Tenant);

        Assert.Equal("add", watch.Current.Name);
        var (_, revision) = (await bus.Catalog.GetRecordAsync(record.Tenant, "add", BusServer.Deadline()))!.Value;
        Assert.False(await bus.Catalog.TryRemoveRecordAsync(record, revision + 1, BusServer.Deadline()));
        Assert.True(await bus.Catalog.TryRemoveRecordAsync(record, revision, BusServer.Deadline()));
        Assert.True(await watch.MoveNextAsync());
        Assert.Null(watch.Current.Record);
        Assert.Null(await bus.Catalog.GetRecordAsync(record.Tenant, "add", BusServer.Deadline()));
        Assert.True(await bus.Catalog.TrySwapRecordAsync(record, 0, BusServer.Deadline()));
    }

    [Fact]
    public async Task ObjectsComeBackWithTheirDigest()
    {
        await using var bus = await server.ConnectAsync();
        var content = RandomNumberGenerator.GetBytes(1_000_000);
        var digest = await bus.Objects.PutAsync("local", "package", new MemoryStream(content), BusServer.Deadline());
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(content)), digest);
        var read = new MemoryStream();
        Assert.True(await bus.Objects.TryGetAsync("local", "package", digest, read, BusServer.Deadline()));
        Assert.Equal(content, read.ToArray());
        Assert.False(await bus.Objects.TryGetAsync("other", "package", digest, read, BusServer.Deadline()));
        await bus.Objects.RemoveAsync("local", "package", digest, BusServer.Deadline());
        Assert.False(await bus.Objects.TryGetAsync("local", "package", digest, read, BusServer.Deadline()));
    }

    [Fact]
    public async Task AnObjectOfAGivenNameStaysAsItWasStoredFirst()
    {
        await using var bus = await server.ConnectAsync();
        var name = Ids.New();
        await bus.Objects.PutAsync("local", "template", name, new MemoryStream([1, 2, 3]), BusServer.Deadline());
        await bus.Objects.PutAsync("local", "template", name, new MemoryStream([4]), BusServer.Deadline());

        var read = new MemoryStream();
        Assert.True(await bus.Objects.TryGetAsync("local", "template", name, read, BusServer.Deadline()));
        Assert.Equal([1, 2, 3], read.ToArray());
        Assert.False(await bus.Objects.TryTouchAsync("other", "template", name, BusServer.Deadline()));
    }

    [Fact]
    public async Task ACancelReachesListenersBeforeAndAfter()
    {
        await using var gateway = await server.ConnectAsync();
        await using var runtime = await server.ConnectAsync();
        foreach (var early in new[] { true, false })
        {
            var invocation = Ids.New();
            var heard = new TaskCompletionSource<ControlSignal>();
            using var listening = early ? runtime.Control.Listen("local", invocation, s => heard.TrySetResult(s)) : null;
            await gateway.Control.SignalAsync(new ControlSignal("local", invocation, ControlKind.Cancel, default), BusServer.Deadline());
            using var late = early ? null : runtime.Control.Listen("local", invocation, s => heard.TrySetResult(s));
            Assert.Equal(ControlKind.Cancel, (await heard.Task.WaitAsync(BusServer.Limit)).Kind);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task PartsAnswerEachOther(bool inOneProcess)
    {
        await using var bus = await server.ConnectAsync();
        await using var other = await server.ConnectAsync();
        var asking = (inOneProcess ? bus : other).Requests;
        var name = Ids.New();
        var nobody = await Assert.ThrowsAsync<FunctionFaultException>(() => asking.RequestAsync(name, default, BusServer.Deadline()).AsTask());
        Assert.Equal(FaultCode.BusUnavailable, nobody.Fault.Code);
        await using var serving = bus.Requests.Serve(name, 2, (request, _) =>
            request.Length == 0 ? throw new FunctionFaultException(FaultCode.Denied, "no") : new ValueTask<ReadOnlyMemory<byte>>(request));
        // A round trip behind the subscription: the server knows of it now.
        await bus.Catalog.GetRecordAsync("local", "none", BusServer.Deadline());
        Assert.Equal([1, 2], (await asking.RequestAsync(name, new byte[] { 1, 2 }, BusServer.Deadline())).ToArray());
        var denied = await Assert.ThrowsAsync<FunctionFaultException>(() => asking.RequestAsync(name, default, BusServer.Deadline()).AsTask());
        Assert.Equal(FaultCode.Denied, denied.Fault.Code);
    }

    [Fact]
    public async Task WhoAsksAPartThatDiesIsTold()
    {
        await using var asking = await BusServer.ConnectAsync(server.Options with { PartSilence = TimeSpan.FromSeconds(1) });
        var part = await server.ConnectAsync();
        var name = Ids.New();
        var taken = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _ = part.Requests.Serve(name, 1, async (_, _) =>
        {
            taken.SetResult();
            await Task.Delay(Timeout.Infinite, CancellationToken.None);
            return default;
        });
        await part.Catalog.GetRecordAsync("local", "none", BusServer.Deadline());
        var asked = asking.Requests.RequestAsync(name, new byte[] { 1 }, BusServer.Deadline()).AsTask();
        await taken.Task.WaitAsync(BusServer.Limit);
        await part.DisposeAsync();

        var fault = (await Assert.ThrowsAsync<FunctionFaultException>(() => asked)).Fault;
        Assert.Equal(FaultCode.BusUnavailable, fault.Code);
        Assert.Contains("it is gone", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task APartGivesSignsOfLifeUntilItAnswers()
    {
        await using var part = await BusServer.ConnectAsync(server.Options with { PartSilence = TimeSpan.FromMilliseconds(100) });
        await using var asking = await BusServer.ConnectNatsAsync(server.Options);
        var (name, inbox) = (Ids.New(), NatsConnection.NewInbox());
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var serving = part.Requests.Serve(name, 1, async (request, _) =>
        {
            await release.Task;
            return request;
        });
        await part.Catalog.GetRecordAsync("local", "none", BusServer.Deadline());
        var heard = Channel.CreateUnbounded<NatsMsg>();
        using var sub = asking.Subscribe(inbox, null, m => heard.Writer.TryWrite(m));
        await asking.PublishAsync(PartRequests.SubjectOf(name), new byte[] { 7 }, default, inbox, NatsFlush.Now, BusServer.Deadline());

        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(NatsRequests.Processing, (await heard.Reader.ReadAsync(BusServer.Deadline())).Headers.Code);
        }

        release.SetResult();
        NatsMsg answer;
        do
        {
            answer = await heard.Reader.ReadAsync(BusServer.Deadline());
        }
        while (answer.Headers.Code == NatsRequests.Processing);
        Assert.Equal([7], answer.Data.ToArray());
    }

    /// <summary>An acknowledgement does not wait for the server, so neither is the queue empty at once.</summary>
    private static async Task EmptyAsync(InvocationQueue queue, string pool, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (await queue.DepthAsync(pool, cancellationToken) > 0)
        {
            await timer.WaitForNextTickAsync(cancellationToken);
        }
    }
}
