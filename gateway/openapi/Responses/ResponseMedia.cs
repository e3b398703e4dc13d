using System.Text;
using System.Text.Unicode;

using ToolRuntime.OpenApi.Requests;

namespace ToolRuntime.OpenApi.Responses;

/// <summary>What a media type means for an answer. Pure.</summary>
internal static class ResponseMedia
{
    /// <summary>The kind of a media type without parameters, lower case; of null or empty too.</summary>
    public static ContentKind Kind(string essence) => essence switch
    {
        "" => ContentKind.Unknown,
        "text/event-stream" => ContentKind.Stream,
        _ when MediaTypes.IsJsonLines(essence) || MediaTypes.IsJsonSequence(essence) => ContentKind.Stream,
        _ when MediaTypes.IsJson(essence) => ContentKind.Json,
        _ when MediaTypes.IsText(essence) || MediaTypes.IsForm(essence) => ContentKind.Text,
        _ when essence.StartsWith("image/", StringComparison.Ordinal) => ContentKind.Image,
        _ when essence.StartsWith("audio/", StringComparison.Ordinal) => ContentKind.Audio,
        _ when MediaTypes.IsMultipart(essence) || MediaTypes.IsBytes(essence) => ContentKind.Bytes,
        _ => ContentKind.Unknown,
    };

    /// <summary>The kind that bytes look like.</summary>
    public static ContentKind Sniff(ReadOnlySpan<byte> bytes)
    {
        if (!Utf8.IsValid(bytes) || bytes[..Math.Min(bytes.Length, 4096)].Contains((byte)0))
        {
            return ContentKind.Bytes;
        }

        var start = bytes.TrimStart(" \t\r\n"u8);
        return !start.IsEmpty && start[0] is (byte)'{' or (byte)'[' ? ContentKind.Json : ContentKind.Text;
    }

    /// <summary>Text as UTF-8 without a byte order mark, whatever charset it came in; bytes that are no characters become U+FFFD.</summary>
    public static ReadOnlyMemory<byte> ToUtf8(ReadOnlyMemory<byte> bytes, string? charset)
    {
        var (encoding, skip) = Encoding(bytes.Span, charset);
        var text = bytes[skip..];
        return encoding is UTF8Encoding && Utf8.IsValid(text.Span) ? text : System.Text.Encoding.UTF8.GetBytes(encoding.GetString(text.Span));
    }

    private static (Encoding Encoding, int Skip) Encoding(ReadOnlySpan<byte> bytes, string? charset)
    {
        if (bytes.StartsWith("\uFEFF"u8))
        {
            return (System.Text.Encoding.UTF8, 3);
        }

        if (bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || bytes.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]))
        {
            return (bytes[0] == 0xFF ? System.Text.Encoding.Unicode : System.Text.Encoding.BigEndianUnicode, 2);
        }

        return (Charset.Reading(charset) ?? System.Text.Encoding.UTF8, 0);
    }
}
