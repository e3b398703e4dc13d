using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

using ToolRuntime.Bus.Nats.JetStream;

namespace ToolRuntime.Bus.Nats.Objects;

/// <summary>One bucket of objects in the layout of the NATS object store: chunks at <c>$O.{bucket}.C.{nuid}</c>, metadata at <c>$O.{bucket}.M.{name}</c>.</summary>
internal sealed class NatsObjStore(NatsJSContext js, string bucket, TimeProvider time)
{
    private const int ChunkSize = 128 * 1024;
    private const int Window = 8;
    private const string SequencesKey = "sequences";
    private static readonly TimeSpan s_discarding = TimeSpan.FromSeconds(5);
    private static readonly NatsHeaders _rollup = default(NatsHeaders).With("Nats-Rollup", "sub");
    private readonly string _stream = $"OBJ_{bucket}";

    /// <summary>Makes the bucket where it is missing.</summary>
    public ValueTask CreateAsync(long maxBytes, TimeSpan maxAge, int replicas, CancellationToken cancellationToken) =>
        js.CreateOrUpdateStreamAsync(
            new StreamConfig
            {
                Name = _stream,
                Subjects = [$"$O.{bucket}.C.>", $"$O.{bucket}.M.>"],
                MaxBytes = maxBytes,
                MaxAge = maxAge.Ticks * 100,
                Discard = "new",
                AllowRollup = true,
                AllowDirect = true,
                NumReplicas = replicas,
            },
            cancellationToken);

    /// <summary>The subject of an object's metadata.</summary>
    public string MetadataSubject(string name) => $"$O.{bucket}.M.{Encode(Encoding.UTF8.GetBytes(name))}";

    /// <summary>What is known of an object, or null.</summary>
    public async ValueTask<ObjectMetadata?> GetInfoAsync(string name, CancellationToken cancellationToken)
    {
        var message = await LastAsync(name, cancellationToken);
        var metadata = message is { } found ? JsonSerializer.Deserialize(found.Data.Span, NatsObjJson.Default.ObjectMetadata) : null;
        return metadata is { Deleted: false } ? metadata : null;
    }

    /// <summary>Stores chunks; they are nothing yet until <see cref="CommitAsync"/> names them. Of content that ends early none stays.</summary>
    public async ValueTask<(ObjectMetadata Object, byte[] Digest)> UploadAsync(Stream content, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        return await UploadAsync(ReadAsync, () => Task.FromResult(hash.GetHashAndReset()), cancellationToken);

        async ValueTask<ReadOnlyMemory<byte>> ReadAsync()
        {
            var chunk = new byte[ChunkSize];
            var length = await content.ReadAtLeastAsync(chunk, ChunkSize, throwOnEndOfStream: false, cancellationToken);
            hash.AppendData(chunk, 0, length);
            return chunk.AsMemory(0, length);
        }
    }

    /// <summary>The same of content in memory, which must not change meanwhile: it is not copied, and its digest is found while the server stores.</summary>
    public async ValueTask<(ObjectMetadata Object, byte[] Digest)> UploadAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var (hashing, rest) = (Task.Run(() => SHA256.HashData(content.Span), CancellationToken.None), content);
        return await UploadAsync(NextAsync, () => hashing, cancellationToken);

        ValueTask<ReadOnlyMemory<byte>> NextAsync()
        {
            var chunk = rest[..Math.Min(ChunkSize, rest.Length)];
            rest = rest[chunk.Length..];
            return ValueTask.FromResult(chunk);
        }
    }

    private async ValueTask<(ObjectMetadata Object, byte[] Digest)> UploadAsync(Func<ValueTask<ReadOnlyMemory<byte>>> next, Func<Task<byte[]>> hash, CancellationToken cancellationToken)
    {
        var nuid = RandomNumberGenerator.GetHexString(22, lowercase: true);
        try
        {
            return await UploadAsync(nuid, next, hash, cancellationToken);
        }
        catch
        {
            await TryDiscardAsync(nuid);
            throw;
        }
    }

    private async ValueTask<(ObjectMetadata Object, byte[] Digest)> UploadAsync(string nuid, Func<ValueTask<ReadOnlyMemory<byte>>> next, Func<Task<byte[]>> hash, CancellationToken cancellationToken)
    {
        var acknowledgements = new Queue<Task<PubAckResponse>>(Window);
        var sequences = new List<ulong>();
        long size = 0;
        while (await next() is { Length: > 0 } chunk)
        {
            size += chunk.Length;
            if (acknowledgements.Count == Window)
            {
                sequences.Add((await acknowledgements.Dequeue()).Seq);
            }

            var options = new NatsJSPubOpts { MsgId = $"{nuid}:{sequences.Count + acknowledgements.Count}" };
            acknowledgements.Enqueue(js.PublishUntilStoredAsync(ChunkSubject(nuid), chunk, options, default, time, cancellationToken).AsTask());
        }

        foreach (var acknowledgement in acknowledgements)
        {
            sequences.Add((await acknowledgement).Seq);
        }

        var digest = await hash();
        var metadata = new ObjectMetadata
        {
            Name = "",
            Bucket = bucket,
            Nuid = nuid,
            Size = size,
            Chunks = sequences.Count,
            Digest = DigestOf(digest),
            Metadata = new Dictionary<string, string>(StringComparer.Ordinal) { [SequencesKey] = SequenceRanges.Format(sequences) },
        };
        return (metadata, digest);
    }

    /// <summary>Gives uploaded chunks their name.</summary>
    public async ValueTask CommitAsync(ObjectMetadata metadata, CancellationToken cancellationToken)
    {
        await js.PublishAsync(MetadataSubject(metadata.Name), Json(metadata), default, _rollup, cancellationToken);
    }

    /// <summary>All objects, each with the revision of its metadata.</summary>
    public async ValueTask<IReadOnlyList<(ObjectMetadata Object, ulong Revision)>> ListAsync(CancellationToken cancellationToken)
    {
        var all = new List<(ObjectMetadata, ulong)>();
        await foreach (var (message, sequence) in new NatsJSOrderedReader(js, _stream, $"$O.{bucket}.M.>", time).ReadStoredAsync(1, cancellationToken))
        {
            if (JsonSerializer.Deserialize(message.Data.Span, NatsObjJson.Default.ObjectMetadata) is { Deleted: false } metadata)
            {
                all.Add((metadata, sequence));
            }
        }

        return all;
    }

    /// <summary>Removes an object whose metadata is still at <paramref name="revision"/>; false when it was committed again.</summary>
    public async ValueTask<bool> TryDeleteAsync(string name, ulong revision, CancellationToken cancellationToken)
    {
        if (await GetInfoAsync(name, cancellationToken) is not { } metadata
            || !await TryCommitAsync(metadata with { Deleted = true, Chunks = 0, Size = 0, Metadata = null }, revision, cancellationToken))
        {
            return false;
        }

        await DiscardAsync(metadata, cancellationToken);
        return true;
    }

    /// <summary>Commits an object again as it is, which changes its time and its revision; false when there is none.</summary>
    public async ValueTask<bool> TryTouchAsync(string name, CancellationToken cancellationToken)
    {
        while (await LastAsync(name, cancellationToken) is { } message
            && JsonSerializer.Deserialize(message.Data.Span, NatsObjJson.Default.ObjectMetadata) is { Deleted: false } metadata)
        {
            // Whoever removes it in the same moment must find another revision, or this must find it removed.
            message.Headers.TryGetNumber("Nats-Sequence"u8, out var revision);
            if (await TryCommitAsync(metadata, revision, cancellationToken))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Removes uploaded chunks.</summary>
    public async ValueTask DiscardAsync(ObjectMetadata metadata, CancellationToken cancellationToken)
    {
        if (metadata.Chunks > 0)
        {
            await js.PurgeStreamAsync(_stream, ChunkSubject(metadata.Nuid), cancellationToken);
        }
    }

    /// <summary>Removes an object; no error when there is none.</summary>
    public async ValueTask DeleteAsync(string name, CancellationToken cancellationToken)
    {
        if (await GetInfoAsync(name, cancellationToken) is { } metadata)
        {
            await CommitAsync(metadata with { Deleted = true, Chunks = 0, Size = 0, Metadata = null }, cancellationToken);
            await DiscardAsync(metadata, cancellationToken);
        }
    }

    private async ValueTask<bool> TryCommitAsync(ObjectMetadata metadata, ulong revision, CancellationToken cancellationToken)
    {
        try
        {
            await js.PublishAsync(MetadataSubject(metadata.Name), Json(metadata), new NatsJSPubOpts { ExpectedLastSubjectSequence = revision }, _rollup, cancellationToken);
            return true;
        }
        catch (NatsJSApiException error) when (error.Error.ErrCode == ApiErrorCode.WrongLastSequence)
        {
            return false;
        }
    }

    private byte[] Json(ObjectMetadata metadata) =>
        JsonSerializer.SerializeToUtf8Bytes(metadata with { ModifiedAt = time.GetUtcNow() }, NatsObjJson.Default.ObjectMetadata);

    /// <summary>Copies an object's chunks, some of them asked for ahead, and checks the digest.</summary>
    /// <exception cref="InvalidDataException">A chunk is missing, or the content does not have its digest.</exception>
    public async ValueTask CopyToAsync(ObjectMetadata metadata, Stream destination, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await foreach (var chunk in ChunksAsync(metadata, cancellationToken))
        {
            hash.AppendData(chunk.Span);
            await destination.WriteAsync(chunk, cancellationToken);
        }

        if (DigestOf(hash.GetHashAndReset()).TrimEnd('=') != metadata.Digest.TrimEnd('='))
        {
            throw new InvalidDataException($"object {metadata.Name}: the content does not have its digest");
        }
    }

    private async ValueTask TryDiscardAsync(string nuid)
    {
        try
        {
            using var patience = new CancellationTokenSource(s_discarding, time);
            await js.PurgeStreamAsync(_stream, ChunkSubject(nuid), patience.Token);
        }
        catch (Exception error) when (error is NatsException or OperationCanceledException)
        {
            // The rim of an upload that failed: why it did is what its caller must hear.
            return;
        }
    }

    private string ChunkSubject(string nuid) => $"$O.{bucket}.C.{nuid}";

    private static string DigestOf(byte[] hash) => $"SHA-256={Encode(hash)}";

    /// <summary>URL-safe base64 with padding, as other clients write it.</summary>
    private static string Encode(byte[] bytes) => Convert.ToBase64String(bytes).Replace('+', '-').Replace('/', '_');

    /// <summary>The metadata's message. Earlier versions wrote names without padding: one that is found so is renamed.</summary>
    private async ValueTask<NatsMsg?> LastAsync(string name, CancellationToken cancellationToken)
    {
        var subject = MetadataSubject(name);
        var earlier = subject.TrimEnd('=');
        if (await js.GetLastAsync(_stream, subject, cancellationToken) is { } found)
        {
            return found;
        }

        if (earlier == subject || await js.GetLastAsync(_stream, earlier, cancellationToken) is not { } message)
        {
            return null;
        }

        await js.PublishAsync(subject, message.Data, default, _rollup, cancellationToken);
        await js.PurgeStreamAsync(_stream, earlier, cancellationToken);
        return await js.GetLastAsync(_stream, subject, cancellationToken);
    }

    /// <summary>An object's chunks: ours name their sequences, those of other clients are found by a scan.</summary>
    private async IAsyncEnumerable<ReadOnlyMemory<byte>> ChunksAsync(ObjectMetadata metadata, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (metadata.Metadata?.GetValueOrDefault(SequencesKey) is not { } listed)
        {
            await foreach (var (message, _) in new NatsJSOrderedReader(js, _stream, ChunkSubject(metadata.Nuid), time).ReadStoredAsync(1, cancellationToken))
            {
                yield return message.Data;
            }

            yield break;
        }

        var sequences = SequenceRanges.Parse(listed, metadata.Chunks);
        var ahead = new Queue<Task<NatsMsg?>>(Window);
        var asked = 0;
        for (var read = 0; read < sequences.Count; read++)
        {
            while (asked < sequences.Count && ahead.Count < Window)
            {
                ahead.Enqueue(js.GetDirectAsync(_stream, new StreamMsgGetRequest { Seq = sequences[asked++] }, cancellationToken).AsTask());
            }

            yield return (await ahead.Dequeue() ?? throw new InvalidDataException($"object {metadata.Name}: chunk {read} of {metadata.Chunks} is gone")).Data;
        }
    }
}
