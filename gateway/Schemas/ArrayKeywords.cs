using System.Text.Json;

namespace ToolRuntime.Gateway.Schemas;

internal sealed class ItemCount(int? fewest, int? most) : Keyword
{
    public static Keyword? Create(SchemaSource source)
    {
        var (fewest, most) = (source.Count("minItems"), source.Count("maxItems"));
        return fewest is null && most is null ? null : new ItemCount(fewest, most);
    }

    public override bool Evaluate(JsonElement instance, SchemaRun run, EvaluatedParts? parts)
    {
        if (instance.ValueKind != JsonValueKind.Array)
        {
            return true;
        }

        var count = instance.GetArrayLength();
        return (fewest is null || count >= fewest || run.Fail($"must have at least {fewest} items"))
            & (most is null || count <= most || run.Fail($"must have at most {most} items"));
    }
}
