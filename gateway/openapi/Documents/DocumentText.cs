using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace ToolRuntime.OpenApi.Documents;

/// <summary>A document's bytes, whatever they are written in, as JSON that every reader after it can trust: UTF-8, whole characters, one root.</summary>
public static class DocumentText
{
    private const string Hint = "give an OpenAPI or Swagger document in JSON or YAML";

    /// <summary>JSON of <paramref name="content"/>, which is JSON or YAML; the same bytes where it is clean JSON.</summary>
    /// <exception cref="ApiDocumentException">It is neither, or goes beyond a bound.</exception>
    public static ReadOnlyMemory<byte> ToJson(ReadOnlyMemory<byte> content, ReadOptions options)
    {
        if (content.Length > options.MaximumBytes)
        {
            throw new ApiDocumentException($"the document has {content.Length} bytes, more than {options.MaximumBytes}", "", "split it, or raise the bound");
        }

        var text = ToUtf8(content);
        var first = FirstByte(text.Span);
        if (first is 0)
        {
            throw new ApiDocumentException("the document is empty", "", Hint);
        }

        if (first is (byte)'<')
        {
            throw new ApiDocumentException("the document is HTML or XML", "1:1", Hint);
        }

        return first is (byte)'{' or (byte)'[' ? Lone.Mend(text) : YamlJson.Convert(text, options);
    }

    /// <summary>Parses what <see cref="ToJson"/> gave.</summary>
    internal static JsonElement Parse(ReadOnlyMemory<byte> json, ReadOptions options)
    {
        try
        {
            return JsonDocument.Parse(json, new JsonDocumentOptions
            {
                MaxDepth = options.MaximumDepth,
                CommentHandling = JsonCommentHandling.Skip,
                AllowTrailingCommas = true,
            }).RootElement;
        }
        catch (JsonException error)
        {
            throw new ApiDocumentException($"the document is no JSON: {Plain(error.Message)}", $"{error.LineNumber + 1}:{error.BytePositionInLine + 1}", Hint);
        }
    }

    private static string Plain(string message) =>
        message.IndexOf(" LineNumber:", StringComparison.Ordinal) is var end and > 0 ? message[..end].TrimEnd('.') : message.TrimEnd('.');

    private static byte FirstByte(ReadOnlySpan<byte> text)
    {
        var at = text.IndexOfAnyExcept(" \t\r\n"u8);
        return at < 0 ? (byte)0 : text[at];
    }

    private static ReadOnlyMemory<byte> ToUtf8(ReadOnlyMemory<byte> content)
    {
        var bytes = content.Span;
        if (bytes.StartsWith(Encoding.UTF8.Preamble))
        {
            content = content[Encoding.UTF8.Preamble.Length..];
        }
        else if (bytes.StartsWith(Encoding.Unicode.Preamble))
        {
            return Encoding.UTF8.GetBytes(Encoding.Unicode.GetString(bytes[2..]));
        }
        else if (bytes.StartsWith(Encoding.BigEndianUnicode.Preamble))
        {
            return Encoding.UTF8.GetBytes(Encoding.BigEndianUnicode.GetString(bytes[2..]));
        }

        return Utf8.IsValid(content.Span) ? content : Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(content.Span));
    }
}
