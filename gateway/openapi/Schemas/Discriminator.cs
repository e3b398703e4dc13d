using System.Text.Json;

namespace ToolRuntime.OpenApi.Schemas;

/// <summary>What an OpenAPI discriminator says is said in JSON Schema: each alternative that the mapping names has its value pinned.</summary>
internal static class Discriminator
{
    public static SchemaPart Pin(SchemaPart alternative, JsonElement member, JsonElement schema)
    {
        if (alternative is not PartReference reference || SchemaConverter.Reference(member) is not { } target
            || !schema.TryGetProperty("discriminator", out var discriminator) || discriminator.ValueKind != JsonValueKind.Object
            || !discriminator.TryGetProperty("propertyName", out var name) || name.ValueKind != JsonValueKind.String
            || !discriminator.TryGetProperty("mapping", out var mapping) || mapping.ValueKind != JsonValueKind.Object)
        {
            return alternative;
        }

        var values = mapping.EnumerateObject().Where(m => m.Value.ValueKind == JsonValueKind.String && Names(m.Value.GetString()!, target))
            .Select(SchemaPart (m) => new PartText(m.Name)).ToList();
        if (values.Count == 0)
        {
            return alternative;
        }

        var pinned = new PartObject([values.Count == 1 ? new("const", values[0]) : new("enum", new PartList(values))]);
        var property = new PartObject([new(name.GetString()!, pinned)]);
        return new PartReference(reference.Definition, reference.Beside.With("properties", property).With("required", new PartList([new PartText(name.GetString()!)])));
    }

    /// <summary>A mapping holds a reference, or the bare name of a schema.</summary>
    private static bool Names(string mapped, string reference) =>
        mapped == reference || (!mapped.Contains('/', StringComparison.Ordinal) && reference.EndsWith("/" + mapped, StringComparison.Ordinal));
}
