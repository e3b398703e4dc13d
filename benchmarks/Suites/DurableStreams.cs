using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Json;

using Microsoft.Extensions.Logging.Abstractions;

using ToolRuntime.Benchmarks.Figures;
using ToolRuntime.Benchmarks.Instances;
using ToolRuntime.Benchmarks.Load;
using ToolRuntime.Benchmarks.Peers;
using ToolRuntime.Bus;
using ToolRuntime.Bus.Streams;

namespace ToolRuntime.Benchmarks.Suites;

/// <summary>Durable streams: from the append to the reader, through the bus and over HTTP, and appends a second, against the protocol's reference server.</summary>
internal static class DurableStreams
{
    private const int Samples = 2000;
    private const int Polls = 500;
    private const int Writers = 16;
    private static readonly TimeSpan s_load = TimeSpan.FromSeconds(5);
    private static readonly byte[] s_chunk = [.. Enumerable.Repeat((byte)'x', 100)];

    public static async Task MeasureAsync(Run run)
    {
        await using var instance = await Instance.StartAsync("--role", "gateway");
        var peerPort = Instance.FreePort();
        using var peer = new StreamsPeer(peerPort);
        var (ours, theirs) = (new Uri($"http://127.0.0.1:{instance.Port}/v1/streams/"), new Uri($"http://127.0.0.1:{peerPort}/"));
        var bus = await ThroughBusAsync(instance);
        run.Add(new Figure("append to reader, stored, two processes' connections of the bus: p50", $"{bus.P50:0.000} ms", "", null, "≤ 0.3 ms", bus.P50 <= 0.3));
        run.Add(new Figure("the same: p99", $"{bus.P99:0.000} ms", "", null, "≤ 2 ms", bus.P99 <= 2));

        List<double> polled = [], peerPolled = [], rates = [], peerRates = [];
        for (var round = 0; round < Run.Rounds; round++)
        {
            polled.Add((await PollAsync(ours)).P50);
            peerPolled.Add((await PollAsync(theirs)).P50);
            rates.Add(await RateAsync(ours));
            peerRates.Add(await RateAsync(theirs));
        }

        var (trip, peerTrip) = (Percentiles.Median(polled), Percentiles.Median(peerPolled));
        run.Add(new Figure("append to answered long poll over HTTP: p50", $"{trip:0.00} ms", $"reference server on files, which syncs each append, {peerTrip:0.00} ms", peerTrip / trip, "< 10 ms", trip < 10));
        var (rate, peerRate) = (Percentiles.Median(rates), Percentiles.Median(peerRates));
        run.Add(new Figure($"appends of 100 B over HTTP, {Writers} writers with a stream each", $"{rate:0} /s", $"reference server on files, which syncs each append, {peerRate:0} /s", rate / peerRate, "> 100 /s", rate > 100));
    }

    private static async Task<Latencies> ThroughBusAsync(Instance instance)
    {
        await using var writer = await ConnectAsync(instance);
        await using var reader = await ConnectAsync(instance);
        var key = new StreamKey("local", "bench");
        await writer.Streams.CreateAsync(key, new StreamRequest { ContentType = "text/plain" }, CancellationToken.None);
        await using var follower = reader.Streams.TryFollow(key)!;
        var (from, times) = (StreamOffset.Start, new List<double>(Samples));
        for (var i = 0; i < Samples; i++)
        {
            var arriving = follower.NextAsync(from, TimeSpan.FromSeconds(30), CancellationToken.None).AsTask();
            var start = Stopwatch.GetTimestamp();
            var storing = writer.Streams.AppendAsync(key, new AppendRequest { Data = s_chunk }, CancellationToken.None).AsTask();
            var page = (await arriving)!;
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            await storing;
            from = page.Chunks is [{ Data.Length: 100 }] ? page.End : throw new InvalidDataException($"append {i} did not arrive alone");
        }

        return Percentiles.Of(times.Skip(Samples / 10));
    }

    private static async Task<Latencies> PollAsync(Uri server)
    {
        using var client = new HttpClient { BaseAddress = server };
        var name = await CreateAsync(client);
        var (offset, times) = ("-1", new List<double>(Polls));
        using (var begin = await client.GetAsync($"{name}?offset=-1"))
        {
            offset = begin.Headers.GetValues("Stream-Next-Offset").Single();
        }

        for (var i = 0; i < Polls; i++)
        {
            var polling = client.GetAsync($"{name}?offset={offset}&live=long-poll");

            // Long enough for the poll to wait at the server.
            await Task.Delay(2);
            var start = Stopwatch.GetTimestamp();
            using var appended = await client.PostAsync(name, Chunk());
            using var polled = await polling;
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            offset = (await polled.Content.ReadAsByteArrayAsync()).Length == s_chunk.Length
                ? polled.Headers.GetValues("Stream-Next-Offset").Single()
                : throw new InvalidDataException($"append {i} did not arrive alone");
        }

        return Percentiles.Of(times);
    }

    private static async Task<double> RateAsync(Uri server)
    {
        using var client = new HttpClient { BaseAddress = server };
        var start = Stopwatch.GetTimestamp();
        var counts = await Task.WhenAll(Enumerable.Range(0, Writers).Select(async _ =>
        {
            var (name, count) = (await CreateAsync(client), 0);
            for (; Stopwatch.GetElapsedTime(start) < s_load; count++)
            {
                using var appended = await client.PostAsync(name, Chunk());
                appended.EnsureSuccessStatusCode();
            }

            return count;
        }));
        return counts.Sum() / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static async Task<string> CreateAsync(HttpClient client)
    {
        var name = $"bench/{Guid.NewGuid():n}";
        using var request = new HttpRequestMessage(HttpMethod.Put, name) { Content = new ByteArrayContent([]) { Headers = { ContentType = new MediaTypeHeaderValue("text/plain") } } };
        using var made = await client.SendAsync(request);
        made.EnsureSuccessStatusCode();
        return name;
    }

    private static ByteArrayContent Chunk() => new(s_chunk) { Headers = { ContentType = new MediaTypeHeaderValue("text/plain") } };

    /// <summary>A connection to the bus of an instance, as another process of it has.</summary>
    public static async Task<MessageBus> ConnectAsync(Instance instance) =>
        await MessageBus.ConnectAsync(await OptionsAsync(instance), NullLoggerFactory.Instance, TimeProvider.System, CancellationToken.None);

    /// <summary>How the message server of an instance is reached.</summary>
    public static async Task<BusOptions> OptionsAsync(Instance instance)
    {
        using var file = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(instance.DataFolder, "instance.json")));
        var url = file.RootElement.GetProperty("nats").GetString()!;
        return new BusOptions
        {
            Servers = [url],
            User = new Uri(url).UserInfo is { Length: > 0 } user ? user : null,
            PasswordFile = file.RootElement.GetProperty("natsPasswordFile").GetString(),
        };
    }
}
