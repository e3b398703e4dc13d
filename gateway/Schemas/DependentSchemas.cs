using System.Text.Json;

namespace ToolRuntime.Gateway.Schemas;

internal sealed class DependentSchemas(Dictionary<string, SchemaNode> schemas) : Keyword
{
    public static Keyword? Create(SchemaSource source)
    {
        var schemas = source.SubMap("dependentSchemas") ?? new Dictionary<string, SchemaNode>(StringComparer.Ordinal);
        if (source.TryGet("dependencies", out var older) && older.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in older.EnumerateObject().Where(m => m.Value.ValueKind != JsonValueKind.Array))
            {
                schemas[member.Name] = source.Sub($"dependencies/{SchemaIdentifiers.Escape(member.Name)}", member.Value);
            }
        }

        return schemas.Count == 0 ? null : new DependentSchemas(schemas);
    }

    public override bool Evaluate(JsonElement instance, SchemaRun run, EvaluatedParts? parts)
    {
        var fits = true;
        if (instance.ValueKind == JsonValueKind.Object)
        {
            foreach (var (trigger, schema) in schemas)
            {
                fits &= !instance.TryGetProperty(trigger, out _) || schema.EvaluateInPlace(instance, run, parts);
            }
        }

        return fits;
    }
}
