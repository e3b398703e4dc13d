using System.Text.Json;

namespace ToolRuntime.Gateway.Schemas;

internal sealed class ValueKeyword(JsonElement[] allowed) : Keyword
{
    private const int MaximumTold = 10;

    public static Keyword? CreateConst(SchemaSource source) => source.TryGet("const", out var value) ? new ValueKeyword([value]) : null;

    public static Keyword? CreateEnum(SchemaSource source) => !source.TryGet("enum", out var value) ? null
        : value.ValueKind == JsonValueKind.Array ? new ValueKeyword([.. value.EnumerateArray()]) : throw source.Wrong("enum", "an array");

    public override bool Evaluate(JsonElement instance, SchemaRun run, EvaluatedParts? parts)
    {
        foreach (var candidate in allowed)
        {
            run.Spend(1);
            if (JsonElement.DeepEquals(candidate, instance))
            {
                return true;
            }
        }

        var told = string.Join(", ", allowed.Take(MaximumTold).Select(a => Shorten(a.GetRawText())));
        return run.Fail(allowed.Length == 1 ? $"must be {told}" : $"must be one of {told}{(allowed.Length > MaximumTold ? ", …" : "")}");
    }

    private static string Shorten(string text) => text.Length <= 64 ? text : text[..64] + "…";
}
