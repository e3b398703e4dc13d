using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

using ToolRuntime.Bus.Nats;
using ToolRuntime.Bus.Nats.JetStream;
using ToolRuntime.Bus.Sessions;

namespace ToolRuntime.Bus.Streams;

/// <summary>Stored messages of durable streams: where they lie, how they are read and written. Goes on trying while the server is away, until the token ends.</summary>
internal sealed class StreamStore(EventStore events, StreamClasses classes, TimeProvider time)
{
    /// <summary>The header that holds the state.</summary>
    public const string Header = "Toolrt-Stream";

    private const int LargestInMessage = 512 * 1024;

    /// <summary>The connection's JetStream.</summary>
    public NatsJSContext JetStream => events.JetStream;

    /// <summary>Where the messages are read from.</summary>
    public EventStore Events => events;

    /// <summary>The time.</summary>
    public DateTimeOffset Now => time.GetUtcNow();

    /// <summary>All that stands under a name, in any class; mostly one or none.</summary>
    public async ValueTask<IReadOnlyList<StoredState>> FindAllAsync(StreamKey key, CancellationToken cancellationToken)
    {
        await classes.EnsureAsync(cancellationToken);
        var found = await Task.WhenAll(TopicClass.OfStreams.Select(c => LastAsync(classes.PlaceOf(key, c), cancellationToken).AsTask()));
        return [.. found.OfType<StoredState>()];
    }

    /// <summary>What stands under a name: the living one before a deleted or expired one; null where there is nothing.</summary>
    public async ValueTask<StoredState?> FindAsync(StreamKey key, CancellationToken cancellationToken)
    {
        var now = Now;
        return (await FindAllAsync(key, cancellationToken)).MaxBy(s => s.State switch
        {
            var state when state.IsAlive(now) => 3,
            { Forks: > 0 } => 2,
            _ => 1,
        });
    }

    /// <summary>The last message at a place, or null.</summary>
    public async ValueTask<StoredState?> LastAsync(TopicPlace place, CancellationToken cancellationToken) =>
        await events.LastAnsweredAsync(place, cancellationToken) is { } message ? Read(place, message) : null;

    /// <summary>The message at a sequence, or null when it is no longer kept.</summary>
    public async ValueTask<StoredState?> AtAsync(TopicPlace place, ulong sequence, CancellationToken cancellationToken) =>
        await events.AtAsync(place, sequence, cancellationToken) is { } message ? Read(place, message) : null;

    /// <summary>The place of a stream with this life.</summary>
    public TopicPlace PlaceOf(StreamKey key, StreamRequest request) => classes.PlaceOf(key, StreamClasses.Of(request.TtlSeconds, request.ExpiresAt, Now));

    /// <summary>Stores a message where the one before it is the place's last, and gives it; null where another is.</summary>
    public async ValueTask<StoredState?> TryPublishAsync(TopicPlace place, ulong expected, StreamState state, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        if (data.Length > LargestInMessage)
        {
            data = Encoding.ASCII.GetBytes(await classes.Payloads.PutPayloadAsync(place.Tenant, data, cancellationToken));
            state = state with { Chunk = ChunkKind.Reference };
        }

        var headers = default(NatsHeaders).With(Header, JsonSerializer.Serialize(state, StreamJson.Default.StreamState));
        var options = new NatsJSPubOpts { MsgId = RandomNumberGenerator.GetHexString(20, lowercase: true), ExpectedLastSubjectSequence = expected };
        try
        {
            var stored = await JetStream.PublishUntilStoredAsync(place.Subject, data, options, headers, time, cancellationToken);
            return new StoredState(place, stored.Seq, state, data);
        }
        catch (NatsJSApiException error) when (error.Error.ErrCode == ApiErrorCode.WrongLastSequence)
        {
            return null;
        }
    }

    /// <summary>A message's chunk; null when it is no longer kept.</summary>
    public ValueTask<ReadOnlyMemory<byte>?> ChunkAsync(StoredState message, CancellationToken cancellationToken) => message.State.Chunk == ChunkKind.Reference
        ? classes.Payloads.TryGetPayloadAsync(message.Place.Tenant, Encoding.ASCII.GetString(message.Content.Span), cancellationToken)
        : new ValueTask<ReadOnlyMemory<byte>?>(message.Content);

    /// <summary>Removes all that stands at a place up to and with a message.</summary>
    public async ValueTask PurgeAsync(StoredState last, CancellationToken cancellationToken) =>
        await JetStream.PurgeStreamAsync(last.Place.Stream, last.Place.Subject, last.Sequence + 1, cancellationToken);

    /// <summary>How many streams a tenant has.</summary>
    public async ValueTask<long> CountAsync(string tenant, CancellationToken cancellationToken)
    {
        await classes.EnsureAsync(cancellationToken);
        var counts = await Task.WhenAll(classes.FiltersOf(tenant).Select(async f => (await JetStream.SubjectsAsync(f.Stream, f.Filter, cancellationToken)).LongCount()));
        return counts.Sum();
    }

    /// <summary>Reads a message that was stored or sent again.</summary>
    /// <exception cref="InvalidDataException">It is none of ours.</exception>
    public static StoredState Read(TopicPlace place, NatsMsg message)
    {
        if (!message.Headers.TryGetNumber("Nats-Sequence"u8, out var sequence)
            || !message.Headers.TryFind("Toolrt-Stream"u8, out var json)
            || JsonSerializer.Deserialize(json, StreamJson.Default.StreamState) is not { } state)
        {
            throw new InvalidDataException($"the message on {place.Subject} is no message of a durable stream");
        }

        return new StoredState(place, sequence, state, message.Data);
    }
}
