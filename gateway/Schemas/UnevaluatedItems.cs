using System.Text.Json;

namespace ToolRuntime.Gateway.Schemas;

internal sealed class UnevaluatedItems(SchemaNode schema) : Keyword
{
    public static Keyword? Create(SchemaSource source) => source.Sub("unevaluatedItems") is { } schema ? new UnevaluatedItems(schema) : null;

    public override bool Evaluate(JsonElement instance, SchemaRun run, EvaluatedParts? parts)
    {
        if (instance.ValueKind != JsonValueKind.Array)
        {
            return true;
        }

        var (fits, index) = (true, 0);
        foreach (var item in instance.EnumerateArray())
        {
            fits &= parts!.HasItem(index) || schema.EvaluateBelow(item, index, run);
            index++;
        }

        parts!.ItemsBelow(index);
        return fits;
    }
}
