using System.Buffers;
using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace ToolRuntime.OpenApi.Requests;

/// <summary>Bytes out of base64 in an argument, decoded a block at a time while they are written.</summary>
internal sealed class Base64Body : RequestBody
{
    /// <summary>A multiple of 4, so that a block of text is a block of bytes.</summary>
    private const int Block = 16 * 1024;

    private readonly Func<ReadOnlyMemory<byte>> _text;
    private readonly int _length;

    private Base64Body(Func<ReadOnlyMemory<byte>> text, int length) => (_text, _length) = (text, length);

    public override long? Length => _length;

    /// <summary>The bytes that a JSON string holds from its character <paramref name="skip"/> on, or null where that is no base64 (RFC 4648, either alphabet).</summary>
    public static Base64Body? TryCreate(JsonElement text, int skip, string contentType)
    {
        var plain = Plain(text, skip);
        return Base64.IsValid(plain.Span, out var length) ? new(() => Plain(text, skip), length) { ContentType = contentType } : null;
    }

    public override async Task WriteAsync(Stream target, CancellationToken cancellationToken)
    {
        var block = ArrayPool<byte>.Shared.Rent(Block);
        try
        {
            for (var rest = _text(); !rest.IsEmpty;)
            {
                var taken = rest[..Math.Min(rest.Length, Block)];
                rest = rest[taken.Length..];
                Base64.DecodeFromUtf8(taken.Span, block, out _, out var written, isFinalBlock: rest.IsEmpty);
                await target.WriteAsync(block.AsMemory(0, written), cancellationToken);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }

    /// <summary>The text in the standard alphabet, padded and without white space.</summary>
    private static ReadOnlyMemory<byte> Plain(JsonElement text, int skip)
    {
        var raw = JsonMarshal.GetRawUtf8Value(text)[1..^1];
        var bytes = raw.Contains((byte)'\\') ? Encoding.UTF8.GetBytes(text.GetString()!) : raw.ToArray();
        var length = 0;
        foreach (var b in bytes.AsSpan(Math.Min(skip, bytes.Length)))
        {
            if (b is not ((byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t'))
            {
                bytes[length++] = b switch { (byte)'-' => (byte)'+', (byte)'_' => (byte)'/', _ => b };
            }
        }

        var padding = length % 4 is 0 or 1 ? 0 : 4 - (length % 4);
        Array.Resize(ref bytes, length + padding);
        bytes.AsSpan(length).Fill((byte)'=');
        return bytes;
    }
}
