using System.Collections.Concurrent;
using System.Diagnostics;

using ToolRuntime.Benchmarks.Figures;
using ToolRuntime.Benchmarks.Instances;
using ToolRuntime.Benchmarks.Peers;
using ToolRuntime.Bus;
using ToolRuntime.Bus.Sessions;
using ToolRuntime.Functions;

namespace ToolRuntime.Benchmarks.Suites;

/// <summary>A million sessions in one server, live readers, and readers that come back, all through the bus as runtimes and gateways use it.</summary>
internal static class ManySessions
{
    private const int Sessions = 1_000_000;
    private const int Readers = 100_000;
    private const int Returning = 2_000;
    private const int Missed = 25;
    private const int Window = 1_024;
    private const int Parallel = 64;
    private static readonly byte[] s_chunk = [.. "{\"text\":\""u8, .. Enumerable.Repeat((byte)'x', 189), .. "\"}"u8];

    public static async Task MeasureAsync(Run run)
    {
        await using var instance = await Instance.StartAsync("--role", "gateway");
        await using var bus = await DurableStreams.ConnectAsync(instance);
        var keys = Enumerable.Range(0, Sessions).Select(_ => new TopicKey("local", Ids.New(), Ids.New(), SessionIsExplicit: true)).ToArray();
        var start = Stopwatch.GetTimestamp();
        await EachAsync(keys.Length, Window, i => EmitAsync(bus, keys[i]));
        var filled = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var memory = instance.Footprint().BrokerMiB;
        run.Add(new Figure($"{Sessions:N0} sessions with an event of 200 B each: made in", $"{filled:0.0} s", "", null, "≤ 20 s", filled <= 20));
        run.Add(new Figure("memory of nats-server after it", $"{memory:0} MiB", "", null, "≤ 400 MiB", memory <= 400));
        await FollowAsync(run, instance, bus, keys);
        await ReturnAsync(run, instance, bus, keys);
        memory = instance.Footprint().BrokerMiB;
        run.Add(new Figure("memory of nats-server after all of it", $"{memory:0} MiB", "", null, "≤ 700 MiB", memory <= 700));
        await RestartAsync(run, instance, bus, keys[0]);
    }

    private static async Task FollowAsync(Run run, Instance instance, MessageBus bus, TopicKey[] keys)
    {
        // Readers are another process's: their events cross the server.
        await using var gateway = await DurableStreams.ConnectAsync(instance);
        var calls = keys.Take(Readers).Select(k => k with { Invocation = Ids.New() }).ToArray();
        var followers = calls.Select(gateway.Topics.Follow).ToArray();
        var reading = followers.Select(f => f.NextAsync(CancellationToken.None).AsTask()).ToArray();

        // Answered behind the subscriptions of the same connection.
        await gateway.Topics.LastAsync(calls[0], CancellationToken.None);
        var start = Stopwatch.GetTimestamp();
        await EachAsync(calls.Length, Window, i => EmitAsync(bus, calls[i]));
        var got = await Task.WhenAll(reading);
        var rate = Readers / Stopwatch.GetElapsedTime(start).TotalSeconds;
        foreach (var follower in followers)
        {
            await follower.DisposeAsync();
        }

        var bare = await BareFollowAsync(instance, keys);
        run.Add(new Figure($"{Readers:N0} live readers: stored events that reached theirs", $"{rate:N0} /s", $"bare sockets {bare:N0} /s", rate / bare, "≥ 50,000 /s", rate >= 50_000 && got.All(e => e is { Sequence: > 0 })));
    }

    /// <summary>What the server does where nothing of ours takes part: as many topics and subscriptions, messages made beforehand.</summary>
    private static async Task<double> BareFollowAsync(Instance instance, TopicKey[] keys)
    {
        var options = await DurableStreams.OptionsAsync(instance);
        using var writer = await BareBus.ConnectAsync(options);
        using var reader = await BareBus.ConnectAsync(options);
        var places = keys.Take(Readers).Select(k => TopicPlace.Of(k with { Invocation = Ids.New() }, options.Partitions)).ToArray();
        var messages = places.Select((p, n) => BareBus.Stored(p.Subject, $"bare.{n}", s_chunk)).ToArray();
        reader.Subscribe(places.Select(p => p.LiveSubject));
        writer.Subscribe(["bare.*"]);
        var start = Stopwatch.GetTimestamp();
        var reading = Task.Factory.StartNew(() => reader.Receive(Readers), TaskCreationOptions.LongRunning);
        await Task.Factory.StartNew(() => writer.Exchange(messages, Window), TaskCreationOptions.LongRunning);
        await reading;
        return Readers / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static async Task ReturnAsync(Run run, Instance instance, MessageBus bus, TopicKey[] keys)
    {
        var calls = keys.TakeLast(Returning).Select(k => k with { Invocation = Ids.New() }).ToArray();
        var last = new ConcurrentDictionary<TopicKey, ulong>();
        var stored = new ConcurrentBag<(TopicKey Call, ulong Sequence)>();
        var writers = await Task.WhenAll(calls.Select(c => bus.Topics.OpenWriterAsync(c, 1, CancellationToken.None).AsTask()));
        for (var i = 0; i <= Missed; i++)
        {
            await EachAsync(calls.Length, Window, async n =>
            {
                var sequence = await writers[n].EmitAsync(new InvocationEvent(EventKind.Output, s_chunk), CancellationToken.None);
                last.TryAdd(calls[n], sequence);
                stored.Add((calls[n], sequence));
            });
        }

        List<double> times = [];
        foreach (var call in calls.Take(Returning / 4))
        {
            var start = Stopwatch.GetTimestamp();
            await CatchUpAsync(bus, call, last[call]);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        var alone = Percentiles.Of(times.Skip(times.Count / 10));
        run.Add(new Figure($"a reader that comes back gets {Missed} missed events: p50", $"{alone.P50:0.00} ms (p99 {alone.P99:0.0})", "", null, "≤ 1 ms", alone.P50 <= 1));
        var begin = Stopwatch.GetTimestamp();
        await EachAsync(calls.Length, Parallel, n => CatchUpAsync(bus, calls[n], last[calls[n]]));
        var rate = Returning / Stopwatch.GetElapsedTime(begin).TotalSeconds;
        var bare = await BareGetsAsync(instance, [.. stored]) / Missed;
        run.Add(new Figure($"the same, {Parallel} at once", $"{rate:N0} /s", $"as many gets by a bare socket {bare:N0} /s", rate / bare, "≥ 3,000 /s", rate >= 3_000));
    }

    /// <summary>Stored messages that the server gives in a second where nothing of ours takes part.</summary>
    private static async Task<double> BareGetsAsync(Instance instance, (TopicKey Call, ulong Sequence)[] stored)
    {
        var options = await DurableStreams.OptionsAsync(instance);
        using var reader = await BareBus.ConnectAsync(options);
        reader.Subscribe(["bare.*"]);
        var messages = stored.Select((s, n) => BareBus.Get(TopicPlace.Of(s.Call, options.Partitions).Stream, s.Sequence, $"bare.{n}")).ToArray();
        var start = Stopwatch.GetTimestamp();
        await Task.Factory.StartNew(() => reader.Exchange(messages, Parallel * Missed), TaskCreationOptions.LongRunning);
        return messages.Length / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static async Task RestartAsync(Run run, Instance instance, MessageBus bus, TopicKey key)
    {
        var server = instance.Footprint().BrokerProcess;
        var start = Stopwatch.GetTimestamp();
        Process.GetProcessById(server).Kill();
        while (true)
        {
            try
            {
                using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(1));
                if (await bus.Topics.LastAsync(key, patience.Token) is not null)
                {
                    break;
                }
            }
            catch (Exception error) when (error is OperationCanceledException or TimeoutException || error.GetType().Name.StartsWith("Nats", StringComparison.Ordinal))
            {
                // Not back yet.
                await Task.Delay(TimeSpan.FromMilliseconds(20));
            }
        }

        var back = Stopwatch.GetElapsedTime(start).TotalSeconds;
        run.Add(new Figure("nats-server killed: until a session's last event is read again", $"{back:0.0} s", "", null, "≤ 5 s", back <= 5));
    }

    private static async Task CatchUpAsync(MessageBus bus, TopicKey key, ulong from)
    {
        await using var follower = await bus.Topics.FollowFromAsync(key, from, CancellationToken.None);
        for (var i = 0; i < Missed; i++)
        {
            if (await follower.NextAsync(CancellationToken.None) is not { Event.Kind: EventKind.Output })
            {
                throw new InvalidDataException($"event {i} of {key} is missing");
            }
        }
    }

    private static async Task EmitAsync(MessageBus bus, TopicKey key)
    {
        var writer = await bus.Topics.OpenWriterAsync(key, 1, CancellationToken.None);
        await writer.EmitAsync(new InvocationEvent(EventKind.Output, s_chunk), CancellationToken.None);
    }

    /// <summary>Does the work for each number below <paramref name="count"/>, so many at once.</summary>
    public static Task EachAsync(int count, int parallel, Func<int, Task> work)
    {
        var next = -1;
        return Task.WhenAll(Enumerable.Range(0, parallel).Select(_ => Task.Run(async () =>
        {
            for (var i = Interlocked.Increment(ref next); i < count; i = Interlocked.Increment(ref next))
            {
                await work(i);
            }
        })));
    }
}
