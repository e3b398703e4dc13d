using System.Text.Json;

namespace ToolRuntime.Gateway.Schemas;

internal sealed class OneOf(SchemaNode[] schemas) : Keyword
{
    public static Keyword? Create(SchemaSource source) => source.SubList("oneOf") is { } schemas ? new OneOf(schemas) : null;

    public override bool Evaluate(JsonElement instance, SchemaRun run, EvaluatedParts? parts)
    {
        SchemaError? closest = null;
        var count = 0;
        foreach (var schema in schemas)
        {
            var mark = run.BeginTrial();
            count += schema.EvaluateInPlace(instance, run, parts) ? 1 : 0;
            var error = run.EndTrial(mark);
            closest = error is not null && (closest is null || error.Pointer.Length > closest.Pointer.Length) ? error : closest;
        }

        return count == 1 || run.Fail(count == 0
            ? $"fits none of the {schemas.Length} alternatives; the closest: {closest}"
            : $"fits {count} of the {schemas.Length} alternatives, and must fit exactly one");
    }
}
