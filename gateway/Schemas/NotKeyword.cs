using System.Text.Json;

namespace ToolRuntime.Gateway.Schemas;

internal sealed class NotKeyword(SchemaNode schema) : Keyword
{
    public static Keyword? Create(SchemaSource source) => source.Sub("not") is { } schema ? new NotKeyword(schema) : null;

    public override bool Evaluate(JsonElement instance, SchemaRun run, EvaluatedParts? parts)
    {
        var mark = run.BeginTrial();
        var fits = schema.Evaluate(instance, run, null);
        run.EndTrial(mark);
        return !fits || run.Fail("fits a schema that is ruled out here");
    }
}
