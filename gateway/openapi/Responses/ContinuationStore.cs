using System.Security.Cryptography;

namespace ToolRuntime.OpenApi.Responses;

/// <summary>Keeps what was too large to be shown, for its caller alone, for a while, within bounds; names are not to be guessed.</summary>
public sealed class ContinuationStore(ContinuationOptions options, TimeProvider time)
{
    /// <summary>What the URIs of kept answers begin with; the handle follows.</summary>
    public const string FileScheme = "toolruntime-answer:///";

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Continuation> _kept = new(StringComparer.Ordinal);
    private readonly Queue<string> _byAge = new();
    private long _bytes;

    /// <summary>Keeps an answer; returns its handle, 32 of <c>[0-9a-f]</c>, or null where it is larger than everything that may be kept.</summary>
    public string? Keep(string owner, ReadOnlyMemory<byte> bytes, string mediaType)
    {
        if (bytes.Length > options.MaxBytes)
        {
            return null;
        }

        var handle = RandomNumberGenerator.GetHexString(32, lowercase: true);
        lock (_lock)
        {
            _kept[handle] = new Continuation(owner, bytes, mediaType, time.GetUtcNow());
            _byAge.Enqueue(handle);
            _bytes += bytes.Length;
            Sweep();
        }

        return handle;
    }

    /// <summary>What is kept under a handle; null where it is gone, or is another caller's.</summary>
    public Continuation? Find(string owner, string handle)
    {
        lock (_lock)
        {
            Sweep();
            return _kept.TryGetValue(handle, out var kept) && kept.Owner == owner ? kept : null;
        }
    }

    /// <summary>A piece of text to read on with: at most <paramref name="length"/> bytes from <paramref name="offset"/>, never half a character.</summary>
    /// <returns>The piece and the offset after it; null where it is gone, or is another caller's.</returns>
    public (ReadOnlyMemory<byte> Piece, int Next, int Total)? Read(string owner, string handle, int offset, int length)
    {
        if (Find(owner, handle) is not { } kept)
        {
            return null;
        }

        var from = Utf8Cut.Start(kept.Bytes.Span, Math.Clamp(offset, 0, kept.Bytes.Length));
        var piece = kept.Bytes[from..];
        piece = piece[..Utf8Cut.Length(piece.Span, Math.Max(4, length))];
        return (piece, from + piece.Length, kept.Bytes.Length);
    }

    private void Sweep()
    {
        var old = time.GetUtcNow() - options.Lifetime;
        while (_byAge.TryPeek(out var oldest) && (_kept[oldest].KeptAt < old || _bytes > options.MaxBytes || _kept.Count > options.MaxEntries))
        {
            _byAge.Dequeue();
            _kept.Remove(oldest, out var gone);
            _bytes -= gone!.Bytes.Length;
        }
    }
}
