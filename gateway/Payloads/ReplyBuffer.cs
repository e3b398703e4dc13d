using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ToolRuntime.Gateway.Payloads;

/// <summary>A growing pooled buffer in which one reply is written before it is sent, so that its length is known and its bytes are copied once.</summary>
public sealed class ReplyBuffer : IBufferWriter<byte>, IDisposable
{
    private const int InitialSize = 4096;

    /// <summary>How replies are written: UTF-8 stays readable, the caller guarantees the shape.</summary>
    public static JsonWriterOptions WriterOptions { get; } = new() { SkipValidation = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(InitialSize);
    private int _length;

    /// <summary>What was written; valid until the next write or <see cref="Dispose"/>.</summary>
    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, _length);

    /// <summary>Number of bytes written.</summary>
    public int Length => _length;

    /// <inheritdoc/>
    public void Advance(int count) => _length += count;

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsMemory(_length);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsSpan(_length);
    }

    /// <summary>Appends bytes as they are.</summary>
    public ReplyBuffer Raw(ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(_length));
        _length += bytes.Length;
        return this;
    }

    /// <summary>Appends <paramref name="text"/> as a JSON string, quotes included.</summary>
    public ReplyBuffer Text(string text) => Quoted(JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping));

    /// <summary>Appends UTF-8 <paramref name="text"/> as a JSON string, quotes included.</summary>
    public ReplyBuffer Text(ReadOnlySpan<byte> text) => Quoted(JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping));

    /// <summary>Appends a whole number.</summary>
    public ReplyBuffer Number(long value)
    {
        Reserve(20);
        value.TryFormat(_bytes.AsSpan(_length), out var written);
        _length += written;
        return this;
    }

    /// <summary>Starts again from nothing, keeping the memory.</summary>
    public void Clear() => _length = 0;

    /// <summary>What was written, as text; for messages and tests.</summary>
    public override string ToString() => Encoding.UTF8.GetString(_bytes, 0, _length);

    /// <inheritdoc/>
    public void Dispose()
    {
        var bytes = _bytes;
        _bytes = [];
        _length = 0;
        if (bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    private ReplyBuffer Quoted(JsonEncodedText text) => Raw("\""u8).Raw(text.EncodedUtf8Bytes).Raw("\""u8);

    private void Reserve(int more)
    {
        more = Math.Max(more, 1);
        if (_bytes.Length - _length >= more)
        {
            return;
        }

        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(Math.Max(_bytes.Length * 2, _length + more), InitialSize));
        _bytes.AsSpan(0, _length).CopyTo(larger);
        if (_bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
        }

        _bytes = larger;
    }
}
