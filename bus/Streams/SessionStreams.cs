using ToolRuntime.Bus.Sessions;
using ToolRuntime.Functions;

namespace ToolRuntime.Bus.Streams;

/// <summary>
/// The topics of sessions as streams of JSON: what is read are the events of all calls of a session and the messages among them, what is appended are
/// messages. A session's topic begins with its first use and is never closed. Its key's path is the session's id.
/// </summary>
public sealed class SessionStreams : IDurableStreams
{
    private const string ContentType = "application/json";

    /// <summary>Larger ones belong into a stream of their own: each reader of the session is sent them.</summary>
    private const int LargestMessage = 512 * 1024 - 2;

    private readonly StreamStore _store;
    private readonly SessionTopics _topics;
    private readonly int _partitions;
    private readonly TimeProvider _time;

    internal SessionStreams(StreamStore store, SessionTopics topics, StreamOptions options, int partitions, TimeProvider time)
    {
        (_store, _topics, _partitions, _time) = (store, topics, partitions, time);
        Options = options with { LargestAppendBytes = Math.Min(options.LargestAppendBytes, LargestMessage) };
    }

    /// <inheritdoc/>
    public StreamOptions Options { get; }

    /// <inheritdoc/>
    public async ValueTask<StoredState?> FindAsync(StreamKey key, CancellationToken cancellationToken) =>
        At(key, await _topics.EndOfSessionAsync(key.Tenant, key.Path, cancellationToken));

    /// <inheritdoc/>
    public async ValueTask<AppendResult> AppendAsync(StreamKey key, AppendRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var place = PlaceOf(key);
        while (true)
        {
            var last = await _store.LastAsync(place, cancellationToken) ?? new StoredState(place, 0, Empty(key), default);
            var (outcome, producer) = StreamRules.Decide(last.State, request, long.MaxValue);
            if (outcome != AppendOutcome.Appended)
            {
                return new AppendResult(outcome, last, producer);
            }

            var message = EventCodec.Encode(new InvocationEvent(EventKind.Message, ListOf(request.Data.Span)));
            if (await _store.TryPublishAsync(place, last.Sequence, StreamRules.After(last, request, _store.Now), message, cancellationToken) is { } stored)
            {
                return new AppendResult(outcome, At(key, stored.Sequence), producer);
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask<StreamPage> ReadAsync(StoredState stream, StreamOffset from, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(stream);
        await using var follower = Follow(new StreamKey(stream.Place.Tenant, stream.State.Path));
        return (await follower.NextAsync(from, TimeSpan.Zero, cancellationToken))!;
    }

    /// <inheritdoc/>
    public ValueTask TouchAsync(StoredState stream, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public IStreamFollower? TryFollow(StreamKey key) => Follow(key);

    /// <summary>The topic as it stands where its last event has this sequence.</summary>
    internal StoredState At(StreamKey key, ulong sequence) => new(PlaceOf(key), sequence, Empty(key) with { Position = sequence, Chunk = ChunkKind.Inline }, default);

    private SessionStreamFollower Follow(StreamKey key) =>
        new(this, key, (after, cancellationToken) => _topics.FollowSessionAsync(key.Tenant, key.Path, after, cancellationToken), _time);

    private TopicPlace PlaceOf(StreamKey key) => TopicPlace.Of(new TopicKey(key.Tenant, key.Path, TopicPlace.Messages, SessionIsExplicit: true), _partitions);

    private static StreamState Empty(StreamKey key) => new() { Path = key.Path, ContentType = ContentType };

    /// <summary>Values with commas between them, as one array.</summary>
    private static byte[] ListOf(ReadOnlySpan<byte> values) => [(byte)'[', .. values, (byte)']'];
}
