using System.Text.Json;

using ToolRuntime.OpenApi.Model;

namespace ToolRuntime.OpenApi.Requests;

/// <summary>The little that writing a request must know of a schema.</summary>
internal static class SchemaLook
{
    private const int MostDepth = 8;

    /// <summary>The schema's type; null where it names none, or more than one beside <c>null</c>.</summary>
    public static string? Type(ApiSchema schema)
    {
        var type = Keyword(schema, "type");
        if (type is { ValueKind: JsonValueKind.Array } several)
        {
            var names = several.EnumerateArray().Where(t => t.ValueKind == JsonValueKind.String && !t.ValueEquals("null"u8)).ToList();
            return names.Count == 1 ? names[0].GetString() : null;
        }

        return type is { ValueKind: JsonValueKind.String } one ? one.GetString() : null;
    }

    /// <summary>A keyword that is a string, or null.</summary>
    public static string? Text(ApiSchema schema, string keyword) =>
        Keyword(schema, keyword) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    /// <summary>Whether the wire has raw bytes for it: <c>format: binary</c>, 2.0's <c>type: file</c>, or a binary media type without a text encoding (3.1).</summary>
    public static bool IsBinary(ApiSchema schema)
    {
        if (Type(schema) is "file" || Text(schema, "format") is "binary")
        {
            return true;
        }

        return Text(schema, "contentEncoding") is null && Text(schema, "contentMediaType") is { } media
            && !MediaTypes.IsText(MediaTypes.Essence(media)) && !MediaTypes.IsJson(MediaTypes.Essence(media));
    }

    /// <summary>The schema of an array's items.</summary>
    public static ApiSchema Items(ApiSchema schema) =>
        Keyword(schema, "items") is { ValueKind: JsonValueKind.Object } items ? new(items, schema.Resolve().Source) : ApiSchema.Anything;

    /// <summary>The schema of a property, looked for through references and <c>allOf</c>.</summary>
    public static ApiSchema Property(ApiSchema schema, string name) => Find(schema, name, MostDepth) ?? ApiSchema.Anything;

    /// <summary>The one value that the schema allows or proposes: <c>const</c>, <c>default</c>, or an <c>enum</c> of one.</summary>
    public static JsonElement? Only(ApiSchema schema) => Keyword(schema, "const") ?? Keyword(schema, "default")
        ?? (Keyword(schema, "enum") is { ValueKind: JsonValueKind.Array } values && values.GetArrayLength() == 1 ? values[0] : null);

    private static ApiSchema? Find(ApiSchema schema, string name, int depth)
    {
        var found = schema.Resolve();
        if (depth == 0 || found.Node.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        if (found.Node.TryGetProperty("properties", out var properties) && properties.ValueKind == JsonValueKind.Object && properties.TryGetProperty(name, out var property))
        {
            return new ApiSchema(property, found.Source);
        }

        foreach (var keyword in (ReadOnlySpan<string>)["allOf", "oneOf", "anyOf"])
        {
            if (found.Node.TryGetProperty(keyword, out var parts) && parts.ValueKind == JsonValueKind.Array
                && parts.EnumerateArray().Select(p => Find(new ApiSchema(p, found.Source), name, depth - 1)).FirstOrDefault(p => p is not null) is { } inPart)
            {
                return inPart;
            }
        }

        return null;
    }

    private static JsonElement? Keyword(ApiSchema schema, string keyword)
    {
        var node = schema.Resolve().Node;
        return node.ValueKind == JsonValueKind.Object && node.TryGetProperty(keyword, out var value) ? value : null;
    }
}
