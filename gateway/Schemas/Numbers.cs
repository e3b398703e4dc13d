using System.Text.Json;

namespace ToolRuntime.Gateway.Schemas;

/// <summary>Comparison of JSON numbers: exact where they fit decimals, else as doubles.</summary>
internal static class Numbers
{
    public static bool IsInteger(JsonElement value) =>
        value.TryGetInt64(out _) || (value.TryGetDecimal(out var exact) ? decimal.Truncate(exact) == exact : Math.Floor(value.GetDouble()) == value.GetDouble());

    public static int Compare(JsonElement a, JsonElement b) =>
        a.TryGetDecimal(out var x) && b.TryGetDecimal(out var y) ? x.CompareTo(y) : a.GetDouble().CompareTo(b.GetDouble());

    public static bool IsMultiple(JsonElement value, JsonElement of)
    {
        if (value.TryGetDecimal(out var x) && of.TryGetDecimal(out var y) && y != 0)
        {
            return x % y == 0;
        }

        var quotient = value.GetDouble() / of.GetDouble();
        return Math.Floor(quotient) == quotient;
    }
}
