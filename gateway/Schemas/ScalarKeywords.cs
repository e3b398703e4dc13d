using System.Text.Json;

namespace ToolRuntime.Gateway.Schemas;

internal sealed class TypeKeyword(string[] types) : Keyword
{
    private static readonly string[] s_known = ["null", "boolean", "object", "array", "number", "string", "integer"];

    public static Keyword? Create(SchemaSource source)
    {
        if (!source.TryGet("type", out var value))
        {
            return null;
        }

        string?[] types = value.ValueKind switch
        {
            JsonValueKind.String => [value.GetString()],
            JsonValueKind.Array => [.. value.EnumerateArray().Select(t => t.ValueKind == JsonValueKind.String ? t.GetString() : null)],
            _ => [null],
        };
        return Array.TrueForAll(types, t => s_known.Contains(t, StringComparer.Ordinal))
            ? new TypeKeyword(types!)
            : throw source.Wrong("type", $"one or more of {string.Join(", ", s_known)}");
    }

    public override bool Evaluate(JsonElement instance, SchemaRun run, EvaluatedParts? parts)
    {
        foreach (var type in types)
        {
            if (Is(instance, type))
            {
                return true;
            }
        }

        return run.Fail($"must be {string.Join(" or ", types)}, not {NameOf(instance)}");
    }

    public static string NameOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True or JsonValueKind.False => "boolean",
        JsonValueKind.Null => "null",
        JsonValueKind.Number => "number",
        JsonValueKind.String => "string",
        JsonValueKind.Array => "array",
        _ => "object",
    };

    private static bool Is(JsonElement value, string type) =>
        type == "integer" ? value.ValueKind == JsonValueKind.Number && Numbers.IsInteger(value) : NameOf(value) == type;
}
