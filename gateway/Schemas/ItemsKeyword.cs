using System.Text.Json;

namespace ToolRuntime.Gateway.Schemas;

/// <summary><c>prefixItems</c> and <c>items</c>, and their older forms (<c>items</c> as an array, <c>additionalItems</c>).</summary>
internal sealed class ItemsKeyword(SchemaNode[] prefix, SchemaNode? rest) : Keyword
{
    public static Keyword? Create(SchemaSource source)
    {
        if (source.TryGet("items", out var items) && items.ValueKind == JsonValueKind.Array)
        {
            return new ItemsKeyword(source.SubList("items")!, source.Sub("additionalItems"));
        }

        var (prefix, rest) = (source.SubList("prefixItems"), source.Sub("items"));
        return prefix is null && rest is null ? null : new ItemsKeyword(prefix ?? [], rest);
    }

    public override bool Evaluate(JsonElement instance, SchemaRun run, EvaluatedParts? parts)
    {
        if (instance.ValueKind != JsonValueKind.Array)
        {
            return true;
        }

        var (fits, index) = (true, 0);
        foreach (var item in instance.EnumerateArray())
        {
            var schema = index < prefix.Length ? prefix[index] : rest;
            if (schema is null || (!fits && run.StopsAtFirst))
            {
                break;
            }

            fits &= schema.EvaluateBelow(item, index++, run);
        }

        parts?.ItemsBelow(index);
        return fits;
    }
}
