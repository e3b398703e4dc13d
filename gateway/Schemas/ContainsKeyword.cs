using System.Text.Json;

namespace ToolRuntime.Gateway.Schemas;

internal sealed class ContainsKeyword(SchemaNode schema, int fewest, int? most) : Keyword
{
    public static Keyword? Create(SchemaSource source) => source.Sub("contains") is { } schema
        ? new ContainsKeyword(schema, source.Count("minContains") ?? 1, source.Count("maxContains"))
        : null;

    public override bool Evaluate(JsonElement instance, SchemaRun run, EvaluatedParts? parts)
    {
        if (instance.ValueKind != JsonValueKind.Array || (fewest == 0 && most is null && parts is null))
        {
            return true;
        }

        var (count, index) = (0, 0);
        foreach (var item in instance.EnumerateArray())
        {
            var mark = run.BeginTrial();
            if (schema.EvaluateBelow(item, index, run))
            {
                count++;
                parts?.Item(index);
            }

            run.EndTrial(mark);
            index++;
        }

        return (count >= fewest || run.Fail($"must contain at least {fewest} items of the schema's kind, not {count}"))
            & (most is null || count <= most || run.Fail($"must contain at most {most} items of the schema's kind, not {count}"));
    }
}
