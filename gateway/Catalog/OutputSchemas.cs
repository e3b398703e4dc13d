using System.Text.Json;
using System.Text.Json.Nodes;

using ToolRuntime.Gateway.Payloads;

namespace ToolRuntime.Gateway.Catalog;

/// <summary>Output schemas: for clients that can take only objects (before 2026-07-28), and of APIs, which keep to theirs loosely.</summary>
public static class OutputSchemas
{
    /// <summary>
    /// The schema to show and whether values must be wrapped as <c>{"result": value}</c>. A schema with references to its own root cannot
    /// be moved below <c>result</c>: it is left out, and the value is wrapped all the same.
    /// </summary>
    public static (JsonElement? Schema, bool Wraps) Wrap(JsonElement? schema)
    {
        if (schema is not { } element)
        {
            return (null, false);
        }

        if (IsObject(element))
        {
            return (element, false);
        }

        return RefersToRoot(element) ? (null, true) : (Wrapped(element), true);
    }

    /// <summary>
    /// A documented schema as advice: clients refuse a whole result that does not fit, APIs often answer beyond their documents, and a caller
    /// may have asked for a part. Of an object it still says that it is one, so that it need not be wrapped.
    /// </summary>
    public static JsonElement Advisory(ReadOnlySpan<byte> schema)
    {
        var documented = JsonNode.Parse(schema.ToArray()) as JsonObject ?? [];
        var advice = new JsonObject();
        if (documented["type"] is JsonValue type && type.GetValueKind() == JsonValueKind.String && type.GetValue<string>() == "object")
        {
            advice["type"] = "object";
        }

        if (documented["$defs"] is { } definitions)
        {
            documented.Remove("$defs");
            advice["$defs"] = definitions;
        }

        advice["anyOf"] = new JsonArray(documented, new JsonObject());
        return JsonElement.Parse(advice.ToJsonString());
    }

    private static bool IsObject(JsonElement schema) =>
        schema.ValueKind == JsonValueKind.Object
        && schema.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String && type.ValueEquals("object");

    private static JsonElement Wrapped(JsonElement schema)
    {
        using var buffer = new ReplyBuffer();
        buffer.Raw("{\"type\":\"object\",\"properties\":{\"result\":"u8).Raw(JsonSerializer.SerializeToUtf8Bytes(schema, JsonElementContext.Default.JsonElement));
        buffer.Raw("},\"required\":[\"result\"]"u8);
        foreach (var definitions in new[] { "$defs", "definitions" })
        {
            if (schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty(definitions, out var inner))
            {
                buffer.Raw(","u8).Text(definitions).Raw(":"u8).Raw(JsonSerializer.SerializeToUtf8Bytes(inner, JsonElementContext.Default.JsonElement));
            }
        }

        buffer.Raw("}"u8);
        var reader = new Utf8JsonReader(buffer.Written.Span);
        return JsonElement.ParseValue(ref reader);
    }

    private static bool RefersToRoot(JsonElement schema)
    {
        var pending = new Stack<JsonElement>([schema]);
        while (pending.TryPop(out var element))
        {
            if (element.ValueKind == JsonValueKind.Object)
            {
                foreach (var member in element.EnumerateObject())
                {
                    if (member.NameEquals("$ref") && member.Value.ValueKind == JsonValueKind.String && !IsDefinition(member.Value.GetString()!))
                    {
                        return true;
                    }

                    pending.Push(member.Value);
                }
            }
            else if (element.ValueKind == JsonValueKind.Array)
            {
                foreach (var item in element.EnumerateArray())
                {
                    pending.Push(item);
                }
            }
        }

        return false;
    }

    private static bool IsDefinition(string reference) =>
        reference.StartsWith("#/$defs/", StringComparison.Ordinal) || reference.StartsWith("#/definitions/", StringComparison.Ordinal);
}
