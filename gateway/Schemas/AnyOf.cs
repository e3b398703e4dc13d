using System.Text.Json;

namespace ToolRuntime.Gateway.Schemas;

internal sealed class AnyOf(SchemaNode[] schemas) : Keyword
{
    public static Keyword? Create(SchemaSource source) => source.SubList("anyOf") is { } schemas ? new AnyOf(schemas) : null;

    public override bool Evaluate(JsonElement instance, SchemaRun run, EvaluatedParts? parts)
    {
        SchemaError? closest = null;
        var fits = false;
        foreach (var schema in schemas)
        {
            var mark = run.BeginTrial();
            fits |= schema.EvaluateInPlace(instance, run, parts);
            var error = run.EndTrial(mark);
            closest = error is not null && (closest is null || error.Pointer.Length > closest.Pointer.Length) ? error : closest;
            if (fits && parts is null)
            {
                return true;
            }
        }

        return fits || run.Fail($"fits none of the {schemas.Length} alternatives; the closest: {closest}");
    }
}
