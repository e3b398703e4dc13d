using System.Text.Json;

namespace ToolRuntime.Gateway.Schemas;

internal sealed class PropertyCount(int? fewest, int? most) : Keyword
{
    public static Keyword? Create(SchemaSource source)
    {
        var (fewest, most) = (source.Count("minProperties"), source.Count("maxProperties"));
        return fewest is null && most is null ? null : new PropertyCount(fewest, most);
    }

    public override bool Evaluate(JsonElement instance, SchemaRun run, EvaluatedParts? parts)
    {
        if (instance.ValueKind != JsonValueKind.Object)
        {
            return true;
        }

        var count = instance.EnumerateObject().Select(p => p.Name).Distinct(StringComparer.Ordinal).Count();
        return (fewest is null || count >= fewest || run.Fail($"must have at least {fewest} properties"))
            & (most is null || count <= most || run.Fail($"must have at most {most} properties"));
    }
}
