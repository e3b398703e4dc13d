using System.Diagnostics;
using System.Net;
using System.Text;

using Microsoft.Extensions.Logging.Abstractions;

using ToolRuntime.Bus.Nats.Server;
using ToolRuntime.Bus.Streams;
using ToolRuntime.Functions;
using ToolRuntime.Tests.Integration.Bus;

namespace ToolRuntime.Tests.Integration.Streams;

public sealed class DurableStreamTests(BusServer server)
{
    private const string NextOffset = "Stream-Next-Offset";

    [Fact]
    public async Task AnyGatewayServesAnyWriterAndReader()
    {
        await using var one = await StreamGateway.StartAsync(server.Options);
        await using var other = await StreamGateway.StartAsync(server.Options);
        var name = await one.CreateAsync();
        using var waiting = await other.ReadAsync(name);
        var poll = other.ReadAsync(name, $"offset={waiting.Headers.GetValues(NextOffset).Single()}&live=long-poll");
        for (var batch = 0; batch < 100; batch++)
        {
            // A retry goes to the other gateway, as after a lost one.
            using var first = await (batch % 2 == 0 ? one : other).AppendAsync(name, $"{batch},", batch);
            using var again = await (batch % 2 == 0 ? other : one).AppendAsync(name, $"{batch},", batch);
            Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NoContent), (first.StatusCode, again.StatusCode));
        }

        using var polled = await poll;
        Assert.StartsWith("0,", await polled.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        foreach (var gateway in (StreamGateway[])[one, other])
        {
            using var read = await gateway.ReadAsync(name);
            Assert.Equal(string.Concat(Enumerable.Range(0, 100).Select(i => $"{i},")), await read.Content.ReadAsStringAsync());
        }
    }

    [Fact]
    public async Task WritersOfTwoGatewaysLoseNothingAndDoubleNothing()
    {
        const int Each = 50;
        await using var one = await StreamGateway.StartAsync(server.Options);
        await using var other = await StreamGateway.StartAsync(server.Options);
        var name = await one.CreateAsync();
        await Task.WhenAll(((StreamGateway[])[one, other]).SelectMany((gateway, g) => Enumerable.Range(0, Each).Select(async i =>
        {
            using var appended = await gateway.AppendAsync(name, $"{g}.{i};");
            Assert.Equal(HttpStatusCode.NoContent, appended.StatusCode);
        })));

        using var read = await one.ReadAsync(name);
        var found = (await read.Content.ReadAsStringAsync()).Split(';', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(Each * 2, found.Length);
        Assert.Equal(Each * 2, found.Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public async Task AKilledServerLosesAndDoublesNothingOfAnIdempotentProducer()
    {
        const int Batches = 200;
        var folder = Directory.CreateTempSubdirectory("toolrt-fault-").FullName;
        await using (var own = await NatsServerProcess.StartAsync(new NatsServerOptions { Folder = folder }, NullLoggerFactory.Instance, TimeProvider.System, BusServer.Deadline()))
        await using (var gateway = await BusServer.ConnectAsync(own.Bus))
        {
            var key = new StreamKey("local", Ids.New());
            await gateway.Streams.CreateAsync(key, new StreamRequest { ContentType = "text/plain" }, BusServer.Deadline());
            var reading = FollowAsync(gateway.Streams, key);
            for (var batch = 0; batch < Batches; batch++)
            {
                if (batch == Batches / 2)
                {
                    Process.GetProcessById(own.ProcessId).Kill();
                }

                // Each is sent twice, as by a producer that does not trust its answer.
                var request = new AppendRequest { Data = Encoding.UTF8.GetBytes($"{batch};"), Producer = new ProducerMark("p", 0, batch), Closes = batch == Batches - 1 };
                var first = await gateway.Streams.AppendAsync(key, request, BusServer.Deadline());
                var again = await gateway.Streams.AppendAsync(key, request, BusServer.Deadline());
                Assert.Equal((AppendOutcome.Appended, AppendOutcome.Duplicate), (first.Outcome, again.Outcome));
            }

            Assert.Equal(string.Concat(Enumerable.Range(0, Batches).Select(i => $"{i};")), await reading);
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task ASlowReaderHoldsNothingAndMissesNothing()
    {
        const int Chunks = 1500;
        await using var bus = await server.ConnectAsync();
        var key = new StreamKey("local", Ids.New());
        await bus.Streams.CreateAsync(key, new StreamRequest { ContentType = "text/plain" }, BusServer.Deadline());
        await using var slow = bus.Streams.TryFollow(key)!;
        var first = slow.NextAsync(StreamOffset.Start, BusServer.Limit, BusServer.Deadline()).AsTask();
        for (var i = 0; i < Chunks; i++)
        {
            await bus.Streams.AppendAsync(key, new AppendRequest { Data = Encoding.UTF8.GetBytes($"{i};"), Closes = i == Chunks - 1 }, BusServer.Deadline());
        }

        var text = new StringBuilder();
        var page = await first;
        while (true)
        {
            page!.Chunks.ToList().ForEach(c => text.Append(Encoding.UTF8.GetString(c.Data.Span)));
            if (page.IsEnd)
            {
                break;
            }

            page = await slow.NextAsync(page.End, BusServer.Limit, BusServer.Deadline());
        }

        Assert.Equal(string.Concat(Enumerable.Range(0, Chunks).Select(i => $"{i};")), text.ToString());
    }

    [Fact]
    public async Task AnyPositionOfALongStreamIsFound()
    {
        const int Chunks = 700;
        await using var bus = await server.ConnectAsync();
        var key = new StreamKey("local", Ids.New());
        await bus.Streams.CreateAsync(key, new StreamRequest { ContentType = "text/plain" }, BusServer.Deadline());
        var ends = new List<StreamOffset> { StreamOffset.Start };
        for (var i = 0; i < Chunks; i++)
        {
            ends.Add((await bus.Streams.AppendAsync(key, new AppendRequest { Data = BitConverter.GetBytes(i) }, BusServer.Deadline())).Stream!.Tail);
        }

        var fork = key with { Path = Ids.New() };
        var origin = new ForkOrigin(key.Path, ends[300].Position, ends[300].Sequence, 0);
        var forked = (await bus.Streams.CreateAsync(fork, new StreamRequest { ContentType = "text/plain", Fork = origin, Data = BitConverter.GetBytes(-1) }, BusServer.Deadline())).Stream!;
        var stream = (await bus.Streams.FindAsync(key, BusServer.Deadline()))!;
        foreach (var from in (int[])[0, 1, 15, 16, 17, 255, 256, 257, 299, 300, 511, 699, 700])
        {
            var page = await bus.Streams.ReadAsync(stream, ends[from], BusServer.Deadline());
            Assert.Equal(Enumerable.Range(from, Chunks - from), page.Chunks.Select(c => BitConverter.ToInt32(c.Data.Span)));
            var inherited = await bus.Streams.ReadAsync(forked, ends[Math.Min(from, 300)], BusServer.Deadline());
            Assert.Equal(Enumerable.Range(0, 300).Skip(from).Append(-1), inherited.Chunks.Select(c => BitConverter.ToInt32(c.Data.Span)));
        }
    }

    [Fact]
    public async Task WhatIsNoLongerKeptIs410()
    {
        await using var gateway = await StreamGateway.StartAsync(server.Options);
        var name = await gateway.CreateAsync();
        using var first = await gateway.AppendAsync(name, "first");
        var old = first.Headers.GetValues(NextOffset).Single();
        using var second = await gateway.AppendAsync(name, "second");

        // As its class does with what is too old.
        await using var nats = await BusServer.ConnectNatsAsync(server.Options);
        var js = new ToolRuntime.Bus.Nats.JetStream.NatsJSContext(nats);
        var stream = (await gateway.Bus.Streams.FindAsync(new StreamKey("local", name), BusServer.Deadline()))!;
        await js.PurgeStreamAsync(stream.Place.Stream, stream.Place.Subject, stream.Sequence, BusServer.Deadline());

        using var begin = await gateway.ReadAsync(name);
        using var kept = await gateway.ReadAsync(name, $"offset={old}");
        Assert.Equal(HttpStatusCode.Gone, begin.StatusCode);
        Assert.Equal("second", await kept.Content.ReadAsStringAsync());

        // An offset of an earlier stream of the name is gone as well.
        await gateway.Client.DeleteAsync(name);
        await gateway.CreateAsync(name);
        using var anew = await gateway.AppendAsync(name, "anew");
        using var more = await gateway.AppendAsync(name, "more");
        using var stale = await gateway.ReadAsync(name, $"offset={old}");
        Assert.Equal(HttpStatusCode.Gone, stale.StatusCode);
    }

    [Fact]
    public async Task TenantsDoNotSeeEachOthersStreams()
    {
        await using var gateway = await StreamGateway.StartAsync(server.Options);
        var name = await gateway.CreateAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, name) { Headers = { { "X-Tenant", "other" } } };

        using var refused = await gateway.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);
    }

    [Fact]
    public async Task CreatorsWhoChooseDifferentLivesAgreeOnOneStream()
    {
        await using var one = await server.ConnectAsync();
        await using var other = await server.ConnectAsync();
        for (var round = 0; round < 20; round++)
        {
            var key = new StreamKey("local", Ids.New());
            var made = await Task.WhenAll(
                one.Streams.CreateAsync(key, new StreamRequest { ContentType = "text/plain", TtlSeconds = 60 }, BusServer.Deadline()).AsTask(),
                other.Streams.CreateAsync(key, new StreamRequest { ContentType = "text/plain" }, BusServer.Deadline()).AsTask());

            Assert.Equal([CreateOutcome.Created, CreateOutcome.Conflict], made.Select(m => m.Outcome).Order());
        }
    }

    private static async Task<string> FollowAsync(DurableStreams streams, StreamKey key)
    {
        await using var follower = streams.TryFollow(key)!;
        var text = new StringBuilder();
        var from = StreamOffset.Start;
        while (await follower.NextAsync(from, BusServer.Limit, BusServer.Deadline()) is { } page)
        {
            foreach (var chunk in page.Chunks)
            {
                text.Append(Encoding.UTF8.GetString(chunk.Data.Span));
            }

            if (page.IsEnd)
            {
                break;
            }

            from = page.End;
        }

        return text.ToString();
    }
}
