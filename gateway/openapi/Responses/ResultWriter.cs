using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ToolRuntime.OpenApi.Responses;

/// <summary>Puts a result's payload together.</summary>
internal sealed class ResultWriter
{
    private static readonly JsonWriterOptions s_json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly List<Action<Utf8JsonWriter>> _content = [];
    private readonly List<(string Name, Action<Utf8JsonWriter> Write)> _meta = [];

    /// <summary>The value, on one line; empty for none.</summary>
    public ReadOnlyMemory<byte> Value { get; set; }

    /// <summary>Whether there is a content block.</summary>
    public bool HasContent => _content.Count > 0;

    /// <summary>Whether the API refused or failed.</summary>
    public bool IsError { get; init; }

    /// <summary>The HTTP status.</summary>
    public required int Status { get; init; }

    /// <summary>Adds a text block.</summary>
    public void AddText(ReadOnlyMemory<byte> text) => _content.Add(w =>
    {
        w.WriteStartObject();
        w.WriteString("type"u8, "text"u8);
        w.WriteString("text"u8, text.Span);
        w.WriteEndObject();
    });

    /// <summary>Adds a text block.</summary>
    public void AddText(string text) => AddText(System.Text.Encoding.UTF8.GetBytes(text));

    /// <summary>Adds an <c>image</c> or <c>audio</c> block.</summary>
    public void AddMedia(string type, string mediaType, ReadOnlyMemory<byte> bytes) => _content.Add(w =>
    {
        w.WriteStartObject();
        w.WriteString("type"u8, type);
        w.WriteBase64String("data"u8, bytes.Span);
        w.WriteString("mimeType"u8, mediaType);
        w.WriteEndObject();
    });

    /// <summary>Adds a file's bytes.</summary>
    public void AddFile(string uri, string mediaType, ReadOnlyMemory<byte> bytes) => _content.Add(w =>
    {
        w.WriteStartObject();
        w.WriteString("type"u8, "resource"u8);
        w.WriteStartObject("resource"u8);
        w.WriteString("uri"u8, uri);
        w.WriteString("mimeType"u8, mediaType);
        w.WriteBase64String("blob"u8, bytes.Span);
        w.WriteEndObject();
        w.WriteEndObject();
    });

    /// <summary>Adds a link to a file.</summary>
    public void AddLink(string uri, string name, string mediaType, long size) => _content.Add(w =>
    {
        w.WriteStartObject();
        w.WriteString("type"u8, "resource_link"u8);
        w.WriteString("uri"u8, uri);
        w.WriteString("name"u8, name);
        w.WriteString("mimeType"u8, mediaType);
        w.WriteNumber("size"u8, size);
        w.WriteEndObject();
    });

    /// <summary>Adds a member of the result's <c>_meta</c>.</summary>
    public void AddMeta(string name, Action<Utf8JsonWriter> write) => _meta.Add((name, write));

    /// <summary>The result.</summary>
    public ApiResult Finish()
    {
        var payload = new ArrayBufferWriter<byte>(Value.Length + 256);
        using (var writer = new Utf8JsonWriter(payload, s_json))
        {
            writer.WriteStartObject();
            if (!Value.IsEmpty)
            {
                writer.WritePropertyName("value"u8);
                writer.WriteRawValue(Value.Span, skipInputValidation: true);
            }

            WriteContent(writer);
            if (IsError)
            {
                writer.WriteBoolean("isError"u8, true);
            }

            WriteMeta(writer);
            writer.WriteEndObject();
        }

        return new ApiResult(payload.WrittenMemory, IsError, Status);
    }

    private void WriteContent(Utf8JsonWriter writer)
    {
        if (_content.Count == 0)
        {
            return;
        }

        writer.WriteStartArray("content"u8);
        foreach (var block in _content)
        {
            block(writer);
        }

        writer.WriteEndArray();
    }

    private void WriteMeta(Utf8JsonWriter writer)
    {
        if (_meta.Count == 0)
        {
            return;
        }

        writer.WriteStartObject("meta"u8);
        foreach (var (name, write) in _meta)
        {
            writer.WritePropertyName(name);
            write(writer);
        }

        writer.WriteEndObject();
    }
}
