using System.Buffers.Text;

namespace ToolRuntime.Benchmarks.Load;

/// <summary>Finds the end of one HTTP/1.1 answer: by Content-Length, or at the last chunk.</summary>
internal static class HttpAnswer
{
    private static ReadOnlySpan<byte> HeadEnd => "\r\n\r\n"u8;

    /// <summary>Whether <paramref name="buffer"/> holds one whole answer; a connection never has two in flight. <paramref name="body"/> is where its body starts.</summary>
    public static bool IsWhole(ReadOnlySpan<byte> buffer, out int body)
    {
        var end = buffer.IndexOf(HeadEnd);
        body = end + HeadEnd.Length;
        if (end < 0)
        {
            return false;
        }

        var head = buffer[..(end + 2)];
        if (Header(head, "Content-Length: "u8) is { IsEmpty: false } length)
        {
            return Utf8Parser.TryParse(length, out int bytes, out _) && buffer.Length >= body + bytes;
        }

        return Header(head, "Transfer-Encoding: "u8).StartsWith("chunked"u8)
            ? buffer.EndsWith("0\r\n\r\n"u8) && buffer.Length > body
            : throw new InvalidDataException("an answer with neither Content-Length nor chunks");
    }

    /// <summary>The status code.</summary>
    public static int Status(ReadOnlySpan<byte> buffer) =>
        buffer.Length > 12 && Utf8Parser.TryParse(buffer[9..12], out int status, out _) ? status : 0;

    private static ReadOnlySpan<byte> Header(ReadOnlySpan<byte> head, ReadOnlySpan<byte> name)
    {
        for (var at = head.IndexOf("\r\n"u8) + 2; at < head.Length;)
        {
            var line = head[at..];
            var end = line.IndexOf("\r\n"u8);
            if (end > name.Length && System.Text.Ascii.EqualsIgnoreCase(line[..name.Length], name))
            {
                return line[name.Length..end];
            }

            at += end + 2;
        }

        return default;
    }
}
