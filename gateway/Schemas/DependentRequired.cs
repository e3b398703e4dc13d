using System.Text.Json;

namespace ToolRuntime.Gateway.Schemas;

internal sealed class DependentRequired(Dictionary<string, string[]> names) : Keyword
{
    public static Keyword? Create(SchemaSource source)
    {
        var names = new Dictionary<string, string[]>(StringComparer.Ordinal);
        foreach (var keyword in new[] { "dependentRequired", "dependencies" })
        {
            if (source.TryGet(keyword, out var value) && value.ValueKind == JsonValueKind.Object)
            {
                foreach (var member in value.EnumerateObject().Where(m => m.Value.ValueKind == JsonValueKind.Array))
                {
                    names[member.Name] = [.. member.Value.EnumerateArray().Select(n => n.GetString()!)];
                }
            }
        }

        return names.Count == 0 ? null : new DependentRequired(names);
    }

    public override bool Evaluate(JsonElement instance, SchemaRun run, EvaluatedParts? parts)
    {
        var fits = true;
        if (instance.ValueKind == JsonValueKind.Object)
        {
            foreach (var (trigger, needed) in names)
            {
                var missing = instance.TryGetProperty(trigger, out _) ? Array.Find(needed, n => !instance.TryGetProperty(n, out _)) : null;
                fits &= missing is null || run.Fail($"needs the property '{missing}', because '{trigger}' is there");
            }
        }

        return fits;
    }
}
