using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace ToolRuntime.OpenApi.Requests;

/// <summary>JSON as the caller wrote it, escapes and digits included, without the white space between its parts; read piece by piece.</summary>
internal sealed class CompactJson(JsonElement value)
{
    private int _position;
    private int _left;

    /// <summary>The value as text.</summary>
    public static string Text(JsonElement value)
    {
        var length = (int)Length(value);
        var bytes = ArrayPool<byte>.Shared.Rent(Math.Max(1, length));
        try
        {
            new CompactJson(value).Read(bytes.AsSpan(0, length));
            return Encoding.UTF8.GetString(bytes, 0, length);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    /// <summary>How many bytes reading gives in all.</summary>
    public static long Length(JsonElement value)
    {
        var length = 0L;
        for (var rest = JsonMarshal.GetRawUtf8Value(value).TrimStart(" \t\r\n"u8); !rest.IsEmpty;)
        {
            var piece = PieceLength(rest);
            length += piece;
            rest = rest[piece..].TrimStart(" \t\r\n"u8);
        }

        return length;
    }

    /// <summary>Fills <paramref name="target"/> with what comes next; 0 at the end.</summary>
    public int Read(Span<byte> target)
    {
        var raw = JsonMarshal.GetRawUtf8Value(value);
        var written = 0;
        while (written < target.Length)
        {
            if (_left == 0)
            {
                _position = raw.Length - raw[_position..].TrimStart(" \t\r\n"u8).Length;
                if (_position == raw.Length)
                {
                    break;
                }

                _left = PieceLength(raw[_position..]);
            }

            var taken = Math.Min(_left, target.Length - written);
            raw.Slice(_position, taken).CopyTo(target[written..]);
            (_position, _left, written) = (_position + taken, _left - taken, written + taken);
        }

        return written;
    }

    /// <summary>The next run without white space, or the next string whole.</summary>
    private static int PieceLength(ReadOnlySpan<byte> rest)
    {
        if (rest[0] == (byte)'"')
        {
            return StringLength(rest);
        }

        var end = rest.IndexOfAny("\" \t\r\n"u8);
        return end < 0 ? rest.Length : end;
    }

    private static int StringLength(ReadOnlySpan<byte> rest)
    {
        var at = 1;
        while (at < rest.Length)
        {
            var step = rest[at..].IndexOfAny((byte)'"', (byte)'\\');
            if (step < 0)
            {
                break;
            }

            at += step;
            if (rest[at] == (byte)'"')
            {
                return at + 1;
            }

            at += 2;
        }

        return rest.Length;
    }
}
