using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ToolRuntime.OpenApi.Schemas;

/// <summary>A finished schema as JSON text.</summary>
internal static class SchemaWriter
{
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public static ReadOnlyMemory<byte> Write(SchemaPart part)
    {
        var buffer = new ArrayBufferWriter<byte>(Math.Max(64, part.Size + 64));
        using var writer = new Utf8JsonWriter(buffer, s_options);
        Write(part, writer);
        writer.Flush();
        return buffer.WrittenMemory;
    }

    /// <summary>A value of a document without white space.</summary>
    public static string Compact(JsonElement value)
    {
        if (value.ValueKind is JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False or JsonValueKind.Null)
        {
            return value.GetRawText();
        }

        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer, s_options);
        value.WriteTo(writer);
        writer.Flush();
        return System.Text.Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void Write(SchemaPart part, Utf8JsonWriter writer)
    {
        switch (part)
        {
            case PartText text:
                writer.WriteStringValue(text.Value);
                break;
            case PartValue value:
                writer.WriteRawValue(value.Json, skipInputValidation: true);
                break;
            case PartList list:
                writer.WriteStartArray();
                foreach (var item in list.Items)
                {
                    Write(item, writer);
                }

                writer.WriteEndArray();
                break;
            case PartReference reference:
                writer.WriteStartObject();
                writer.WriteString("$ref"u8, $"#/$defs/{reference.Definition.Name}");
                WriteMembers(reference.Beside, writer);
                writer.WriteEndObject();
                break;
            case PartObject map:
                writer.WriteStartObject();
                WriteMembers(map, writer);
                writer.WriteEndObject();
                break;
        }
    }

    private static void WriteMembers(PartObject map, Utf8JsonWriter writer)
    {
        foreach (var (name, value) in map.Members)
        {
            writer.WritePropertyName(name);
            Write(value, writer);
        }
    }
}
