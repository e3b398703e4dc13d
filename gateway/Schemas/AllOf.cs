using System.Text.Json;

namespace ToolRuntime.Gateway.Schemas;

internal sealed class AllOf(SchemaNode[] schemas) : Keyword
{
    public static Keyword? Create(SchemaSource source) => source.SubList("allOf") is { } schemas ? new AllOf(schemas) : null;

    public override bool Evaluate(JsonElement instance, SchemaRun run, EvaluatedParts? parts)
    {
        var fits = true;
        foreach (var schema in schemas)
        {
            fits &= schema.EvaluateInPlace(instance, run, parts);
        }

        return fits;
    }
}
