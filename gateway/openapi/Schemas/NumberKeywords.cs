using System.Globalization;
using System.Text.Json;

namespace ToolRuntime.OpenApi.Schemas;

/// <summary>Bounds of numbers and counts.</summary>
internal static class NumberKeywords
{
    public static void Bound(KeywordContext context)
    {
        if (Number(context.Value) is { } number)
        {
            context.Set(new PartValue(number));
        }
        else
        {
            context.Drop("is no number");
        }
    }

    public static void ExclusiveBound(KeywordContext context)
    {
        if (context.Value.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            context.Draft.IsMinimumExclusive |= context.Keyword == "exclusiveMinimum" && context.Value.ValueKind == JsonValueKind.True;
            context.Draft.IsMaximumExclusive |= context.Keyword == "exclusiveMaximum" && context.Value.ValueKind == JsonValueKind.True;
        }
        else
        {
            Bound(context);
        }
    }

    public static void MultipleOf(KeywordContext context)
    {
        if (Number(context.Value) is { } number && double.Parse(number, CultureInfo.InvariantCulture) > 0)
        {
            context.Set(new PartValue(number));
        }
        else
        {
            context.Drop("is no number above 0");
        }
    }

    public static void Count(KeywordContext context)
    {
        if (Number(context.Value) is { } text && double.Parse(text, CultureInfo.InvariantCulture) is >= 0 and <= 9_007_199_254_740_991 and var count && Math.Floor(count) == count)
        {
            context.Set(new PartValue(((long)count).ToString(CultureInfo.InvariantCulture)));
        }
        else
        {
            context.Drop("is no count");
        }
    }

    /// <summary>A number's text, written as text or not; null where it is none that JSON readers can hold.</summary>
    private static string? Number(JsonElement value)
    {
        var text = value.ValueKind switch
        {
            JsonValueKind.Number => value.GetRawText(),
            JsonValueKind.String => value.GetString()!.Trim(),
            _ => "",
        };
        if (text.Length is 0 or > 400 || !double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var parsed) || !double.IsFinite(parsed))
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Number ? text : parsed.ToString("R", CultureInfo.InvariantCulture);
    }
}
