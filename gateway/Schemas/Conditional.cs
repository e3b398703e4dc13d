using System.Text.Json;

namespace ToolRuntime.Gateway.Schemas;

internal sealed class Conditional(SchemaNode condition, SchemaNode? then, SchemaNode? otherwise) : Keyword
{
    public static Keyword? Create(SchemaSource source) => source.Sub("if") is { } condition
        ? new Conditional(condition, source.Sub("then"), source.Sub("else"))
        : null;

    public override bool Evaluate(JsonElement instance, SchemaRun run, EvaluatedParts? parts)
    {
        var mark = run.BeginTrial();
        var holds = condition.EvaluateInPlace(instance, run, parts);
        run.EndTrial(mark);
        var next = holds ? then : otherwise;
        return next is null || next.EvaluateInPlace(instance, run, parts);
    }
}
