using System.Text.Json;

using ToolRuntime.OpenApi.Model;

namespace ToolRuntime.OpenApi.Tools;

/// <summary>The little that writing a request must know of a schema: its keywords, and those of the schemas that it combines.</summary>
internal static class SchemaLook
{
    private const int MostDepth = 8;
    private const int MostParts = 256;
    private static readonly string[] s_combinations = ["allOf", "oneOf", "anyOf"];
    private static readonly HashSet<string> s_words = new(StringComparer.Ordinal) { "title", "description", "example", "examples", "deprecated", "writeOnly", "readOnly", "nullable", "externalDocs", "$comment" };

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

    /// <summary>A keyword that is a string, of the schema or of the first that it combines; or null.</summary>
    public static string? Text(ApiSchema schema, string keyword) => Parts(schema, MostDepth).Take(MostParts)
        .Select(p => Keyword(p, keyword) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null).FirstOrDefault(t => t is not null);

    /// <summary>
    /// Whether the wire has raw bytes for it or for one of the schemas that it combines: <c>format: binary</c>, 2.0's <c>type: file</c>, or a
    /// binary media type without a text encoding (3.1).
    /// </summary>
    public static bool IsBinary(ApiSchema schema) => Parts(schema, MostDepth).Take(MostParts).Any(p => Type(p) is "file" || Keyword(p, "format") is { ValueKind: JsonValueKind.String } format && format.ValueEquals("binary"u8))
        || Text(schema, "contentMediaType") is { } media && Text(schema, "contentEncoding") is null && !MediaChoice.IsText(media) && !MediaChoice.IsJson(media);

    /// <summary>Whether an object has a property that is bytes, or an array of them.</summary>
    public static bool HasBinary(ApiSchema schema) => Parts(schema, MostDepth).Take(MostParts)
        .Where(p => Keyword(p, "properties") is { ValueKind: JsonValueKind.Object })
        .SelectMany(p => Keyword(p, "properties")!.Value.EnumerateObject().Select(m => new ApiSchema(m.Value, p.Source)))
        .Any(p => IsBinary(p) || IsBinary(Items(p)));

    /// <summary>Whether it says nothing of the value, only words about it.</summary>
    public static bool IsUntyped(ApiSchema schema)
    {
        var node = schema.Resolve().Node;
        return node.ValueKind == JsonValueKind.True
            || (node.ValueKind == JsonValueKind.Object && node.EnumerateObject().All(m => s_words.Contains(m.Name) || m.Name.StartsWith("x-", StringComparison.Ordinal)));
    }

    /// <summary>The schema of an array's items, looked for through references and combinations.</summary>
    public static ApiSchema Items(ApiSchema schema) => First(schema, p => Keyword(p, "items")) ?? ApiSchema.Anything;

    /// <summary>The schema of the item at a place of an array: its own, else that of all others.</summary>
    public static ApiSchema Item(ApiSchema schema, int place) =>
        First(schema, p => Keyword(p, "prefixItems") is { ValueKind: JsonValueKind.Array } items && place < items.GetArrayLength() ? items[place] : null) ?? Items(schema);

    /// <summary>The schema of a property, looked for through references and combinations; where none has it, that of properties without a name.</summary>
    public static ApiSchema Property(ApiSchema schema, string name) =>
        First(schema, p => Keyword(p, "properties") is { ValueKind: JsonValueKind.Object } properties && properties.TryGetProperty(name, out var property) ? property : null)
        ?? First(schema, p => Keyword(p, "additionalProperties")) ?? ApiSchema.Anything;

    /// <summary>The one value that the schema allows or proposes: <c>const</c>, <c>default</c>, or an <c>enum</c> of one.</summary>
    public static JsonElement? Only(ApiSchema schema) => Keyword(schema, "const") ?? Keyword(schema, "default") ?? Fixed(schema);

    /// <summary>The one value that the schema allows: <c>const</c>, or an <c>enum</c> of one; or null.</summary>
    public static JsonElement? Fixed(ApiSchema schema) => Keyword(schema, "const")
        ?? (Keyword(schema, "enum") is { ValueKind: JsonValueKind.Array } values && values.GetArrayLength() == 1 ? values[0] : null);

    /// <summary>The first schema that one of the parts gives.</summary>
    private static ApiSchema? First(ApiSchema schema, Func<ApiSchema, JsonElement?> find)
    {
        foreach (var part in Parts(schema, MostDepth).Take(MostParts))
        {
            if (find(part) is { ValueKind: JsonValueKind.Object or JsonValueKind.True } found)
            {
                return new ApiSchema(found, part.Source);
            }
        }

        return null;
    }

    /// <summary>The schema and those that it combines, at any level, each behind its references.</summary>
    private static IEnumerable<ApiSchema> Parts(ApiSchema schema, int depth)
    {
        var found = schema.Resolve();
        if (depth == 0 || found.Node.ValueKind != JsonValueKind.Object)
        {
            yield break;
        }

        yield return found;
        foreach (var keyword in s_combinations.Where(k => found.Node.TryGetProperty(k, out var parts) && parts.ValueKind == JsonValueKind.Array))
        {
            foreach (var part in found.Node.GetProperty(keyword).EnumerateArray().SelectMany(p => Parts(new ApiSchema(p, found.Source), depth - 1)))
            {
                yield return part;
            }
        }
    }

    private static JsonElement? Keyword(ApiSchema schema, string keyword)
    {
        var node = schema.Resolve().Node;
        return node.ValueKind == JsonValueKind.Object && node.TryGetProperty(keyword, out var value) ? value : null;
    }
}
