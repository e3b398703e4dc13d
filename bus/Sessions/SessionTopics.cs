using System.Globalization;

using ToolRuntime.Bus.Nats;
using ToolRuntime.Bus.Nats.JetStream;

namespace ToolRuntime.Bus.Sessions;

/// <summary>The durable per-session topics: live tail by republish, catch-up by direct gets along the chain of sequences.</summary>
public sealed class SessionTopics
{
    private readonly EventStore _store;
    private readonly int _partitions;
    private readonly TimeProvider _time;

    internal SessionTopics(EventStore store, int partitions, TimeProvider time)
    {
        _store = store;
        _partitions = partitions;
        _time = time;
    }

    /// <summary>
    /// Follows one call from its present end. The subscription is written before this returns, with no round trip, so what is published
    /// on the same connection afterwards is not missed. A gap is filled by direct gets.
    /// </summary>
    public TopicFollower Follow(TopicKey key) => new(_store, TopicPlace.Of(key, _partitions), tailIsKnown: false, tail: 0);

    /// <summary>
    /// Follows one call from after <paramref name="sequence"/> (0: from its begin): first what is stored, then live.
    /// An offset that is no longer kept yields one <see cref="ToolRuntime.Functions.EventKind.Gone"/>.
    /// </summary>
    public ValueTask<TopicFollower> FollowFromAsync(TopicKey key, ulong sequence, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new ValueTask<TopicFollower>(new TopicFollower(_store, TopicPlace.Of(key, _partitions), tailIsKnown: true, sequence));
    }

    /// <summary>
    /// A writer for the call. A first attempt expects an empty subject; <paramref name="attempt"/> above 1 reads the last event first
    /// (<see cref="TopicWriter.Last"/>).
    /// </summary>
    public ValueTask<TopicWriter> OpenWriterAsync(TopicKey key, int attempt, CancellationToken cancellationToken)
    {
        var place = TopicPlace.Of(key, _partitions);
        return attempt <= 1
            ? new ValueTask<TopicWriter>(new TopicWriter(_store, place, attempt, null, null, _time))
            : ReopenWriterAsync(place, attempt, cancellationToken);
    }

    /// <summary>A writer that first reads what stands, whichever attempt it is.</summary>
    public ValueTask<TopicWriter> ReopenWriterAsync(TopicKey key, int attempt, CancellationToken cancellationToken) =>
        ReopenWriterAsync(TopicPlace.Of(key, _partitions), attempt, cancellationToken);

    /// <summary>The call's last event and when it was stored, or null.</summary>
    public async ValueTask<(TopicEvent Event, DateTimeOffset At)?> LastWithTimeAsync(TopicKey key, CancellationToken cancellationToken)
    {
        var place = TopicPlace.Of(key, _partitions);
        return await _store.LastAsync(place, cancellationToken) is { } message
            ? (await _store.EventOfAsync(place, message, cancellationToken), StoredAt(message))
            : null;
    }

    /// <summary>The call's last event, or null.</summary>
    public async ValueTask<TopicEvent?> LastAsync(TopicKey key, CancellationToken cancellationToken)
    {
        var place = TopicPlace.Of(key, _partitions);
        return await _store.LastAsync(place, cancellationToken) is { } message ? await _store.EventOfAsync(place, message, cancellationToken) : null;
    }

    /// <summary>
    /// Follows all calls of a session from after <paramref name="sequence"/> (0: from what is kept first). A session that lives beyond a call is meant,
    /// or has a job, unless there is nothing of it but of calls without a session of their own. Where what followed
    /// <paramref name="sequence"/> may no longer be kept, the first that is given is one <see cref="ToolRuntime.Functions.EventKind.Gone"/>.
    /// </summary>
    public async ValueTask<SessionFollower> FollowSessionAsync(string tenant, string session, ulong sequence, CancellationToken cancellationToken)
    {
        var (stream, filter) = await PlaceOfSessionAsync(tenant, session, cancellationToken);
        var isGone = sequence > 0 && (await _store.JetStream.GetStreamAsync(stream, cancellationToken)).State is var kept && (sequence + 1 < kept.FirstSeq || sequence > kept.LastSeq);
        return new SessionFollower(_store, (stream, filter, tenant), sequence, isGone, _time);
    }

    /// <summary>The sequence behind which what comes next in a session will lie.</summary>
    internal async ValueTask<ulong> EndOfSessionAsync(string tenant, string session, CancellationToken cancellationToken)
    {
        var (stream, _) = await PlaceOfSessionAsync(tenant, session, cancellationToken);
        return (await _store.JetStream.GetStreamAsync(stream, cancellationToken)).State.LastSeq;
    }

    /// <summary>The calls of a session of which there are events, whichever class keeps them.</summary>
    public async ValueTask<IReadOnlyList<TopicKey>> CallsAsync(string tenant, string session, CancellationToken cancellationToken)
    {
        var calls = new List<TopicKey>();
        foreach (var topicClass in TopicClass.All)
        {
            var (stream, filter) = TopicPlace.SessionOf(topicClass, tenant, session, _partitions);
            calls.AddRange(
                from subject in await _store.JetStream.SubjectsAsync(stream, filter, cancellationToken)
                let invocation = subject[(subject.LastIndexOf('.') + 1)..]
                where invocation is not (TopicPlace.Index or TopicPlace.Messages or TopicPlace.Notes)
                select new TopicKey(tenant, session, invocation, topicClass == TopicClass.Day));
        }

        return calls;
    }

    private async ValueTask<(string Stream, string Filter)> PlaceOfSessionAsync(string tenant, string session, CancellationToken cancellationToken)
    {
        var day = TopicPlace.SessionOf(TopicClass.Day, tenant, session, _partitions);
        var hour = TopicPlace.SessionOf(TopicClass.Hour, tenant, session, _partitions);
        return (await _store.JetStream.SubjectsAsync(day.Stream, day.Filter, cancellationToken)).Any()
            || !(await _store.JetStream.SubjectsAsync(hour.Stream, hour.Filter, cancellationToken)).Any() ? day : hour;
    }

    internal static IEnumerable<StreamConfig> Streams(IEnumerable<TopicClass> classes, int partitions, long maxBytes, int replicas) =>
        from topicClass in classes
        from partition in Enumerable.Range(0, partitions)
        let subject = $"lt.{topicClass.Name}.{partition}.>"
        select new StreamConfig
        {
            Name = TopicPlace.StreamName(topicClass.Name, partition),
            Subjects = [subject],
            MaxBytes = maxBytes,
            MaxAge = topicClass.MaxAge.Ticks * 100,
            AllowDirect = true,
            Republish = new Republish(subject, $"live.{subject}"),
            NumReplicas = replicas,
        };

    private DateTimeOffset StoredAt(NatsMsg message) =>
        DateTimeOffset.TryParse(message.Headers["Nats-Time-Stamp"u8], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : _time.GetUtcNow();

    private async ValueTask<TopicWriter> ReopenWriterAsync(TopicPlace place, int attempt, CancellationToken cancellationToken)
    {
        var message = await _store.LastAsync(place, cancellationToken);
        TopicEvent? last = message is { } stored ? await _store.EventOfAsync(place, stored, cancellationToken) : null;
        return new TopicWriter(_store, place, attempt, message, last, _time);
    }
}
