using System.Text.Json;

namespace ToolRuntime.Gateway.Schemas;

internal sealed class RequiredKeyword(string[] names) : Keyword
{
    public static Keyword? Create(SchemaSource source) => source.TryGet("required", out var value) && value.ValueKind == JsonValueKind.Array
        ? new RequiredKeyword([.. value.EnumerateArray().Select(n => n.GetString()!)])
        : null;

    public override bool Evaluate(JsonElement instance, SchemaRun run, EvaluatedParts? parts)
    {
        var fits = true;
        if (instance.ValueKind == JsonValueKind.Object)
        {
            foreach (var name in names)
            {
                fits &= instance.TryGetProperty(name, out _) || run.Fail($"needs the property '{name}'");
            }
        }

        return fits;
    }
}
