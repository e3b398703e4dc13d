using System.Runtime.CompilerServices;

using ToolRuntime.Bus.Nats.JetStream;

namespace ToolRuntime.Bus.Nats.KeyValue;

/// <summary>One bucket: stream <c>KV_{bucket}</c>, subjects <c>$KV.{bucket}.{key}</c>.</summary>
internal sealed class NatsKVStore(NatsJSContext js, string bucket, TimeProvider time)
{
    private static readonly NatsHeaders _delete = default(NatsHeaders).With("KV-Operation", "DEL");
    private readonly string _prefix = $"$KV.{bucket}.";

    /// <summary>The stream behind it.</summary>
    public string Stream { get; } = $"KV_{bucket}";

    /// <summary>The subject of a key.</summary>
    public string SubjectOf(string key) => _prefix + key;

    /// <summary>Sets a key and returns its revision.</summary>
    public async ValueTask<ulong> PutAsync(string key, ReadOnlyMemory<byte> value, CancellationToken cancellationToken) =>
        (await js.PublishAsync(SubjectOf(key), value, default, default, cancellationToken)).Seq;

    /// <summary>Sets a key whose revision is <paramref name="revision"/> (0: it has none); null when it is another.</summary>
    public ValueTask<ulong?> TryUpdateAsync(string key, ReadOnlyMemory<byte> value, ulong revision, CancellationToken cancellationToken) =>
        TryUpdateAsync(key, value, default, revision, cancellationToken);

    /// <summary>The same with headers; without a revision whatever it has.</summary>
    public async ValueTask<ulong?> TryUpdateAsync(string key, ReadOnlyMemory<byte> value, NatsHeaders headers, ulong? revision, CancellationToken cancellationToken)
    {
        try
        {
            return (await js.PublishAsync(SubjectOf(key), value, new NatsJSPubOpts { ExpectedLastSubjectSequence = revision }, headers, cancellationToken)).Seq;
        }
        catch (NatsJSApiException error) when (error.Error.ErrCode == ApiErrorCode.WrongLastSequence)
        {
            return null;
        }
    }

    /// <summary>A key's entry, or null. A removed key gives its marker, so that its revision can be built upon.</summary>
    public async ValueTask<NatsKVEntry?> TryGetEntryAsync(string key, CancellationToken cancellationToken) =>
        await js.GetLastAsync(Stream, SubjectOf(key), cancellationToken) is { } message ? EntryOf(message) : null;

    /// <summary>Removes a key; with a revision only where it is still that one.</summary>
    public async ValueTask<bool> TryDeleteAsync(string key, ulong? revision, CancellationToken cancellationToken)
    {
        try
        {
            await js.PublishAsync(SubjectOf(key), default, new NatsJSPubOpts { ExpectedLastSubjectSequence = revision }, _delete, cancellationToken);
            return true;
        }
        catch (NatsJSApiException error) when (error.Error.ErrCode == ApiErrorCode.WrongLastSequence)
        {
            return false;
        }
    }

    /// <summary>Takes a revision out of the bucket, which leaves no marker; false where it is not the key's last any more. Only for buckets that allow it.</summary>
    public ValueTask<bool> TryRemoveAsync(ulong revision, CancellationToken cancellationToken) => js.TryDeleteMessageAsync(Stream, revision, cancellationToken);

    /// <summary>The entries of a filter that stand, without their values.</summary>
    public async IAsyncEnumerable<NatsKVEntry> ReadHeadersAsync(string filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var reader = new NatsJSOrderedReader(js, Stream, SubjectOf(filter), time) { HeadersOnly = true };
        await foreach (var (message, sequence) in reader.ReadStoredAsync(1, cancellationToken))
        {
            yield return EntryOf(message, sequence);
        }
    }

    /// <summary>How many keys of a filter stand.</summary>
    public ValueTask<long> CountAsync(string filter, CancellationToken cancellationToken) => js.CountMessagesAsync(Stream, SubjectOf(filter), cancellationToken);

    /// <summary>All keys, then every change; see <see cref="NatsKVWatcher"/>.</summary>
    public NatsKVWatcher Watch(string filter) => new(js, this, filter, time);

    /// <summary>The entries of a filter that stand now.</summary>
    /// <exception cref="NatsException">The server does not answer.</exception>
    public async IAsyncEnumerable<NatsKVEntry> ReadStandingAsync(string filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var entry in new NatsKVWatcher(js, this, filter, time) { GivesUp = true }.ReadAsync(cancellationToken))
        {
            if (entry is not { } standing)
            {
                yield break;
            }

            yield return standing;
        }
    }

    /// <summary>Reads a stored or pushed message of the bucket.</summary>
    public NatsKVEntry EntryOf(NatsMsg message)
    {
        message.Headers.TryGetNumber("Nats-Sequence"u8, out var revision);
        return EntryOf(message, revision);
    }

    /// <summary>Reads a message whose revision is known.</summary>
    public NatsKVEntry EntryOf(NatsMsg message, ulong revision)
    {
        var operation = message.Headers.TryFind("KV-Operation"u8, out _) ? NatsKVOperation.Del : NatsKVOperation.Put;
        return new NatsKVEntry(message.Subject[_prefix.Length..], message.Data, revision, operation) { Headers = message.Headers };
    }
}
