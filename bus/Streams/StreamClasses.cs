using ToolRuntime.Bus.Nats.JetStream;
using ToolRuntime.Bus.Nats.Objects;
using ToolRuntime.Bus.Sessions;
using ToolRuntime.Bus.State;

namespace ToolRuntime.Bus.Streams;

/// <summary>
/// Where durable streams lie: in the classes of the sessions' topics and two of their own, which are made when the first is asked for, since
/// every stream of JetStream costs memory and most instances have no durable streams.
/// </summary>
internal sealed class StreamClasses
{
    private readonly NatsJSContext _js;
    private readonly NatsObjStore _objects;
    private readonly StreamLayout _layout;
    private readonly Lock _gate = new();
    private Task? _made;

    /// <summary>Classes over a connection; large chunks go over another.</summary>
    public StreamClasses(NatsJSContext js, NatsJSContext bulk, NatsObjStore packages, StreamLayout layout, TimeProvider time)
    {
        _js = js;
        _layout = layout;
        _objects = new NatsObjStore(bulk, "STREAMS", time);
        Payloads = new ObjectStore(packages, _objects);
    }

    /// <summary>Chunks that are too large for a message, kept as long as the longest class.</summary>
    public ObjectStore Payloads { get; }

    /// <summary>The class that keeps a stream: the shortest that keeps a chunk through one full time without use after it was last read. The longest has all others.</summary>
    public static TopicClass Of(long? ttlSeconds, string? expiresAt, DateTimeOffset now)
    {
        var needed = ttlSeconds is { } ttl ? ttl * 2.0
            : expiresAt is not null && StreamRules.TryReadTime(expiresAt, out var end) ? (end - now).TotalSeconds
            : double.MaxValue;
        return TopicClass.OfStreams.FirstOrDefault(c => c.MaxAge.TotalSeconds >= needed) ?? TopicClass.Week;
    }

    /// <summary>Makes what is missing, once.</summary>
    public async ValueTask EnsureAsync(CancellationToken cancellationToken)
    {
        Task made;
        lock (_gate)
        {
            made = _made is { IsFaulted: false, IsCanceled: false } ? _made : _made = MakeAsync();
        }

        await made.WaitAsync(cancellationToken);
    }

    /// <summary>Where a stream lies in a class.</summary>
    public TopicPlace PlaceOf(StreamKey key, TopicClass topicClass)
    {
        var token = key.Token;
        var partition = TopicPlace.PartitionOf(key.Tenant, token, _layout.Partitions);
        return new TopicPlace(TopicPlace.StreamName(topicClass.Name, partition), $"lt.{topicClass.Name}.{partition}.{Nats.NatsSubject.Token(key.Tenant)}.{token}.stream", token, key.Tenant);
    }

    /// <summary>Where all streams of a tenant lie.</summary>
    public IEnumerable<(string Stream, string Filter)> FiltersOf(string tenant) =>
        from topicClass in TopicClass.OfStreams
        from partition in Enumerable.Range(0, _layout.Partitions)
        select (TopicPlace.StreamName(topicClass.Name, partition), $"lt.{topicClass.Name}.{partition}.{Nats.NatsSubject.Token(tenant)}.*.stream");

    private async Task MakeAsync()
    {
        var (partitions, share, replicas) = _layout;
        var standing = await _js.GetStreamAsync(TopicPlace.StreamName(TopicClass.Hour.Name, 0), CancellationToken.None);
        var bytes = (long)((standing.Config?.MaxBytes ?? 0) * share);
        var missing = SessionTopics.Streams(TopicClass.OfStreams.Except(TopicClass.All), partitions, bytes, replicas);
        await Task.WhenAll(
        [
            _objects.CreateAsync(bytes, TopicClass.Week.MaxAge + TimeSpan.FromHours(1), replicas, CancellationToken.None).AsTask(),
            .. missing.Select(c => _js.CreateOrUpdateStreamAsync(c, CancellationToken.None).AsTask()),
        ]);
    }
}
