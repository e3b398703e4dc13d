using System.Buffers;
using System.Text.Json;

namespace ToolRuntime.OpenApi.Schemas;

/// <summary>
/// Arguments that fit a schema in <see cref="SchemaDialect.OpenAiStrict"/>, as the schema in <see cref="SchemaDialect.Strict202012"/> wants them:
/// optional properties that are null are left out unless null means something, and JSON that had to be text is JSON again.
/// </summary>
public static class OpenAiArguments
{
    private const int MaximumDepth = 64;
    private static readonly string[] s_combinations = ["allOf", "anyOf", "oneOf"];

    /// <summary>Writes the arguments anew.</summary>
    /// <param name="schema">The tool's input schema in the first dialect, UTF-8.</param>
    /// <param name="arguments">What the client sent.</param>
    public static ReadOnlyMemory<byte> Restore(ReadOnlyMemory<byte> schema, JsonElement arguments)
    {
        using var parsed = JsonDocument.Parse(schema);
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            Write(writer, arguments, parsed.RootElement, parsed.RootElement, 0);
        }

        return buffer.WrittenMemory;
    }

    private static void Write(Utf8JsonWriter writer, JsonElement value, JsonElement? schema, JsonElement root, int depth)
    {
        var known = schema is { } given && depth < MaximumDepth ? Resolve(given, root) : (JsonElement?)null;
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                WriteObject(writer, value, known, root, depth);
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                var items = known is { } list ? Member(list, "items", root) : null;
                foreach (var item in value.EnumerateArray())
                {
                    Write(writer, item, items, root, depth + 1);
                }

                writer.WriteEndArray();
                break;
            case JsonValueKind.String when known is { } open && IsOpen(open) && TryParse(value.GetString()!, out var json):
                json.WriteTo(writer);
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }

    private static void WriteObject(Utf8JsonWriter writer, JsonElement value, JsonElement? schema, JsonElement root, int depth)
    {
        writer.WriteStartObject();
        foreach (var member in value.EnumerateObject())
        {
            var property = schema is { } owner ? Property(owner, member.Name, root) : null;
            if (member.Value.ValueKind == JsonValueKind.Null && property is { } known && !TakesNull(known, root, depth))
            {
                continue;
            }

            writer.WritePropertyName(member.Name);
            Write(writer, member.Value, property, root, depth + 1);
        }

        writer.WriteEndObject();
    }

    private static JsonElement Resolve(JsonElement schema, JsonElement root)
    {
        for (var hops = 0; hops < MaximumDepth; hops++)
        {
            if (schema.ValueKind != JsonValueKind.Object || !schema.TryGetProperty("$ref"u8, out var reference) || reference.GetString() is not ['#', '/', '$', 'd', 'e', 'f', 's', '/', .. var name])
            {
                break;
            }

            if (!root.TryGetProperty("$defs"u8, out var definitions) || !definitions.TryGetProperty(name.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal), out schema))
            {
                break;
            }
        }

        return schema;
    }

    /// <summary>The schema of a property, of the schema itself or the first of its combinations that has it.</summary>
    private static JsonElement? Property(JsonElement schema, string name, JsonElement root) =>
        Parts(schema, root).Select(p => p.TryGetProperty("properties"u8, out var properties) && properties.TryGetProperty(name, out var found) ? found : (JsonElement?)null).FirstOrDefault(f => f is not null);

    private static JsonElement? Member(JsonElement schema, string keyword, JsonElement root) =>
        Parts(schema, root).Select(p => p.TryGetProperty(keyword, out var found) ? found : (JsonElement?)null).FirstOrDefault(f => f is not null);

    private static IEnumerable<JsonElement> Parts(JsonElement schema, JsonElement root)
    {
        if (schema.ValueKind != JsonValueKind.Object)
        {
            return [];
        }

        var combined = s_combinations.SelectMany(c => schema.TryGetProperty(c, out var list) && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray() : []);
        return combined.Select(c => Resolve(c, root)).Where(c => c.ValueKind == JsonValueKind.Object).Prepend(schema);
    }

    private static bool TakesNull(JsonElement schema, JsonElement root, int depth)
    {
        schema = Resolve(schema, root);
        if (schema.ValueKind != JsonValueKind.Object || depth > MaximumDepth)
        {
            return schema.ValueKind == JsonValueKind.True;
        }

        if (schema.TryGetProperty("type"u8, out var type))
        {
            return type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().Any(t => t.ValueEquals("null"u8)) : type.ValueEquals("null"u8);
        }

        if (schema.TryGetProperty("enum"u8, out var values))
        {
            return values.EnumerateArray().Any(v => v.ValueKind == JsonValueKind.Null);
        }

        return (schema.TryGetProperty("anyOf"u8, out var choices) || schema.TryGetProperty("oneOf"u8, out choices)) && choices.EnumerateArray().Any(c => TakesNull(c, root, depth + 1));
    }

    /// <summary>Whether the dialect has text in its place: see <see cref="OpenAiDialect"/>.</summary>
    private static bool IsOpen(JsonElement schema)
    {
        if (schema.ValueKind != JsonValueKind.Object)
        {
            return true;
        }

        if (!schema.TryGetProperty("type"u8, out var type))
        {
            return !schema.TryGetProperty("enum"u8, out _) && !schema.TryGetProperty("const"u8, out _) && !s_combinations.Any(c => schema.TryGetProperty(c, out _));
        }

        return (Is("object"u8) && !schema.TryGetProperty("properties"u8, out _)) || (Is("array"u8) && !schema.TryGetProperty("items"u8, out _));

        bool Is(ReadOnlySpan<byte> name)
        {
            foreach (var one in type.ValueKind == JsonValueKind.Array ? [.. type.EnumerateArray()] : (JsonElement[])[type])
            {
                if (one.ValueEquals(name))
                {
                    return true;
                }
            }

            return false;
        }
    }

    private static bool TryParse(string text, out JsonElement json)
    {
        try
        {
            json = JsonElement.Parse(text);
            return true;
        }
        catch (JsonException)
        {
            json = default;
            return false;
        }
    }
}
