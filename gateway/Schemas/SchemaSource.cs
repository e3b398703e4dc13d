using System.Text.Json;

namespace ToolRuntime.Gateway.Schemas;

/// <summary>One schema object while it is compiled: typed access to its keywords.</summary>
internal readonly struct SchemaSource(SchemaCompiler compiler, JsonElement schema, string pointer)
{
    public bool TryGet(string keyword, out JsonElement value) => schema.TryGetProperty(keyword, out value);

    public SchemaNode Sub(string keyword, JsonElement value) => compiler.Node(value, $"{pointer}/{keyword}");

    public SchemaNode? Sub(string keyword) => schema.TryGetProperty(keyword, out var value) ? Sub(keyword, value) : null;

    public SchemaNode[]? SubList(string keyword)
    {
        if (!schema.TryGetProperty(keyword, out var value))
        {
            return null;
        }

        var self = this;
        return value.ValueKind == JsonValueKind.Array
            ? [.. value.EnumerateArray().Select((item, i) => self.Sub($"{keyword}/{i}", item))]
            : throw self.Wrong(keyword, "an array of schemas");
    }

    public Dictionary<string, SchemaNode>? SubMap(string keyword)
    {
        if (!schema.TryGetProperty(keyword, out var value))
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.Object)
        {
            throw Wrong(keyword, "an object of schemas");
        }

        var map = new Dictionary<string, SchemaNode>(StringComparer.Ordinal);
        foreach (var member in value.EnumerateObject())
        {
            map[member.Name] = Sub($"{keyword}/{SchemaIdentifiers.Escape(member.Name)}", member.Value);
        }

        return map;
    }

    public string? Text(string keyword) => !schema.TryGetProperty(keyword, out var value) ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString() : throw Wrong(keyword, "a string");

    public int? Count(string keyword)
    {
        if (!schema.TryGetProperty(keyword, out var value))
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && number >= 0 && Math.Floor(number) == number
            ? (int)Math.Min(number, int.MaxValue)
            : throw Wrong(keyword, "a whole number of 0 or more");
    }

    public JsonElement? Number(string keyword) => !schema.TryGetProperty(keyword, out var value) || value.ValueKind is JsonValueKind.True or JsonValueKind.False ? null
        : value.ValueKind == JsonValueKind.Number ? value : throw Wrong(keyword, "a number");

    public bool Flag(string keyword) => schema.TryGetProperty(keyword, out var value) && value.ValueKind == JsonValueKind.True;

    public SchemaNode Resolve(string reference) => compiler.Resolve(reference, pointer);

    public SchemaException Wrong(string keyword, string expected) => new($"{pointer}/{keyword}", $"must be {expected}");
}
