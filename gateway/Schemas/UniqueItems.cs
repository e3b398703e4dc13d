using System.Text.Json;

namespace ToolRuntime.Gateway.Schemas;

internal sealed class UniqueItems : Keyword
{
    public static Keyword? Create(SchemaSource source) => source.Flag("uniqueItems") ? new UniqueItems() : null;

    public override bool Evaluate(JsonElement instance, SchemaRun run, EvaluatedParts? parts)
    {
        if (instance.ValueKind != JsonValueKind.Array)
        {
            return true;
        }

        var buckets = new Dictionary<(JsonValueKind, int), List<(int Index, JsonElement Item)>>();
        var index = 0;
        foreach (var item in instance.EnumerateArray())
        {
            var key = (item.ValueKind, Hash(item));
            if (!buckets.TryGetValue(key, out var bucket))
            {
                buckets[key] = bucket = [];
            }

            foreach (var other in bucket)
            {
                run.Spend(1);
                if (JsonElement.DeepEquals(other.Item, item))
                {
                    return run.Fail($"items {other.Index} and {index} are equal, and all must differ");
                }
            }

            bucket.Add((index++, item));
        }

        return true;
    }

    private static int Hash(JsonElement item) => item.ValueKind switch
    {
        JsonValueKind.String => item.GetString()!.GetHashCode(StringComparison.Ordinal),
        JsonValueKind.Number => item.GetDouble().GetHashCode(),
        JsonValueKind.Array => item.GetArrayLength(),
        JsonValueKind.Object => item.EnumerateObject().Count(),
        _ => 0,
    };
}
