using System.Text.Json;

namespace ToolRuntime.Gateway.Schemas;

internal sealed class UnevaluatedProperties(SchemaNode schema) : Keyword
{
    public static Keyword? Create(SchemaSource source) => source.Sub("unevaluatedProperties") is { } schema ? new UnevaluatedProperties(schema) : null;

    public override bool Evaluate(JsonElement instance, SchemaRun run, EvaluatedParts? parts)
    {
        var fits = true;
        if (instance.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in instance.EnumerateObject().Where(m => !parts!.HasProperty(m.Name)))
            {
                fits &= schema.Always == false ? run.Fail($"has the unknown property '{member.Name}'") : schema.EvaluateBelow(member.Value, member.Name, run);
                parts!.Property(member.Name);
            }
        }

        return fits;
    }
}
