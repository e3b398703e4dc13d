using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

using ToolRuntime.OpenApi.Schemas;
using ToolRuntime.OpenApi.Tools;

namespace ToolRuntime.OpenApi.Search.Toolset;

/// <summary>Pieces of the answers of the three tools.</summary>
internal static class ToolsetAnswers
{
    private const int LongestSummary = 160;

    /// <summary>How answers are written: without escapes that only HTML needs.</summary>
    public static JsonSerializerOptions Options { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>An object whose members <paramref name="members"/> writes.</summary>
    public static ReadOnlyMemory<byte> Write(Action<Utf8JsonWriter> members)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            members(writer);
            writer.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    /// <summary>One hit of a search.</summary>
    public static void WriteHit(Utf8JsonWriter writer, ApiTool tool, Action<Utf8JsonWriter, ApiTool>? more)
    {
        writer.WriteStartObject();
        writer.WriteString("name"u8, tool.Name);
        writer.WriteString("summary"u8, Summary(tool));
        writer.WriteStartArray("required"u8);
        foreach (var name in Required(tool.InputSchema))
        {
            writer.WriteStringValue(name);
        }

        writer.WriteEndArray();
        writer.WriteBoolean("readOnly"u8, IsReadOnly(tool.Annotations));
        more?.Invoke(writer, tool);
        writer.WriteEndObject();
    }

    /// <summary>One tool that is described.</summary>
    public static void WriteTool(Utf8JsonWriter writer, ApiTool tool, (SchemaDialect Dialect, Action<Utf8JsonWriter, ApiTool>? More) shown)
    {
        writer.WriteStartObject();
        writer.WriteString("name"u8, tool.Name);
        writer.WriteString("description"u8, tool.Description);
        writer.WritePropertyName("inputSchema"u8);
        writer.WriteRawValue(tool.InputSchemaIn(shown.Dialect).Span);
        writer.WritePropertyName("annotations"u8);
        writer.WriteRawValue(tool.Annotations.Span);
        shown.More?.Invoke(writer, tool);
        writer.WriteEndObject();
    }

    /// <summary>One name that is no tool's.</summary>
    public static void WriteUnknown(Utf8JsonWriter writer, string name, IReadOnlyList<string> nearest)
    {
        writer.WriteStartObject();
        writer.WriteString("name"u8, name);
        writer.WriteStartArray("nearest"u8);
        foreach (var near in nearest)
        {
            writer.WriteStringValue(near);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>What the tool does, in one line of at most 160 characters: its title, or its description's first line or sentence.</summary>
    public static string Summary(ApiTool tool)
    {
        var text = tool.Title.Length > 0 ? tool.Title : tool.Description;
        var end = text.AsSpan().IndexOfAny('\n', '\r');
        text = end < 0 ? text : text[..end];
        var sentence = text.IndexOf(". ", StringComparison.Ordinal);
        text = sentence < 0 ? text : text[..sentence];
        return text.Length <= LongestSummary ? text : text[..(LongestSummary - 1)] + "…";
    }

    private static List<string> Required(ReadOnlyMemory<byte> schema)
    {
        using var document = JsonDocument.Parse(schema);
        return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("required", out var names) && names.ValueKind == JsonValueKind.Array
            ? [.. names.EnumerateArray().Where(n => n.ValueKind == JsonValueKind.String).Select(n => n.GetString()!)]
            : [];
    }

    private static bool IsReadOnly(ReadOnlyMemory<byte> annotations)
    {
        using var document = JsonDocument.Parse(annotations);
        return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("readOnlyHint", out var hint) && hint.ValueKind == JsonValueKind.True;
    }
}
