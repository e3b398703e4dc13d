using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace ToolRuntime.Gateway.Schemas;

internal sealed class StringKeyword(int? shortest, int? longest, Regex? pattern, string? patternText) : Keyword
{
    public static Keyword? Create(SchemaSource source)
    {
        var (shortest, longest, pattern) = (source.Count("minLength"), source.Count("maxLength"), source.Text("pattern"));
        return shortest is null && longest is null && pattern is null
            ? null
            : new StringKeyword(shortest, longest, pattern is null ? null : EcmaPattern.Compile(pattern, source, "pattern"), pattern);
    }

    public override bool Evaluate(JsonElement instance, SchemaRun run, EvaluatedParts? parts)
    {
        if (instance.ValueKind != JsonValueKind.String)
        {
            return true;
        }

        var text = instance.GetString()!;
        var length = shortest is null && longest is null ? 0 : Length(text);
        return (shortest is null || length >= shortest || run.Fail($"must have at least {shortest.Value.ToString(CultureInfo.InvariantCulture)} characters"))
            & (longest is null || length <= longest || run.Fail($"must have at most {longest.Value.ToString(CultureInfo.InvariantCulture)} characters"))
            & (pattern is null || EcmaPattern.IsMatch(pattern, text, run) || run.Fail($"must match the pattern {patternText}"));
    }

    private static int Length(string text)
    {
        var count = 0;
        for (var i = 0; i < text.Length; i++, count++)
        {
            i += char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]) ? 1 : 0;
        }

        return count;
    }
}
