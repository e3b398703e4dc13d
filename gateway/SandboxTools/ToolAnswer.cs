using System.Text.Encodings.Web;
using System.Text.Json;

namespace ToolRuntime.Gateway.SandboxTools;

/// <summary>Results of sandbox tools: content blocks for people and models, and a value for programs.</summary>
internal static class ToolAnswer
{
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>Writes a result.</summary>
    public static ReadOnlyMemory<byte> Write(Action<Utf8JsonWriter> value, Action<Utf8JsonWriter>? content = null, bool isError = false)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, s_options))
        {
            writer.WriteStartObject();
            writer.WritePropertyName("value"u8);
            value(writer);
            if (content is not null)
            {
                writer.WriteStartArray("content"u8);
                content(writer);
                writer.WriteEndArray();
            }

            if (isError)
            {
                writer.WriteBoolean("isError"u8, true);
            }

            writer.WriteEndObject();
        }

        return buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
    }

    /// <summary>Writes a text block.</summary>
    public static void Text(Utf8JsonWriter writer, string text)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "text");
        writer.WriteString("text"u8, text);
        writer.WriteEndObject();
    }

    /// <summary>Writes a block of binary content: an image where its type is one, else a resource.</summary>
    public static void Binary(Utf8JsonWriter writer, string mimeType, string base64, string uri)
    {
        writer.WriteStartObject();
        if (mimeType.StartsWith("image/", StringComparison.Ordinal) && mimeType != "image/svg+xml")
        {
            writer.WriteString("type"u8, "image");
            writer.WriteString("data"u8, base64);
            writer.WriteString("mimeType"u8, mimeType);
        }
        else
        {
            WriteResource(writer, mimeType, uri, w => w.WriteString("blob"u8, base64));
        }

        writer.WriteEndObject();
    }

    /// <summary>Writes a block of text of another type than plain, such as HTML.</summary>
    public static void Resource(Utf8JsonWriter writer, string mimeType, string text, string uri)
    {
        writer.WriteStartObject();
        WriteResource(writer, mimeType, uri, w => w.WriteString("text"u8, text));
        writer.WriteEndObject();
    }

    private static void WriteResource(Utf8JsonWriter writer, string mimeType, string uri, Action<Utf8JsonWriter> content)
    {
        writer.WriteString("type"u8, "resource");
        writer.WriteStartObject("resource"u8);
        writer.WriteString("uri"u8, uri);
        writer.WriteString("mimeType"u8, mimeType);
        content(writer);
        writer.WriteEndObject();
    }
}
