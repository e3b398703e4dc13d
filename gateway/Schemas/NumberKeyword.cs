using System.Text.Json;

namespace ToolRuntime.Gateway.Schemas;

internal sealed class NumberKeyword(JsonElement? minimum, JsonElement? maximum, JsonElement? above, JsonElement? below, JsonElement? multiple) : Keyword
{
    public static Keyword? Create(SchemaSource source)
    {
        var (minimum, maximum) = (source.Number("minimum"), source.Number("maximum"));
        var (above, below) = (source.Number("exclusiveMinimum"), source.Number("exclusiveMaximum"));
        var multiple = source.Number("multipleOf");
        if (multiple is { } step && step.GetDouble() <= 0)
        {
            throw source.Wrong("multipleOf", "a number above 0");
        }

        return minimum is null && maximum is null && above is null && below is null && multiple is null
            ? null
            : new NumberKeyword(minimum, maximum, above, below, multiple);
    }

    public override bool Evaluate(JsonElement instance, SchemaRun run, EvaluatedParts? parts)
    {
        if (instance.ValueKind != JsonValueKind.Number)
        {
            return true;
        }

        return (minimum is not { } least || Numbers.Compare(instance, least) >= 0 || run.Fail($"must be at least {least.GetRawText()}"))
            & (maximum is not { } most || Numbers.Compare(instance, most) <= 0 || run.Fail($"must be at most {most.GetRawText()}"))
            & (above is not { } floor || Numbers.Compare(instance, floor) > 0 || run.Fail($"must be above {floor.GetRawText()}"))
            & (below is not { } roof || Numbers.Compare(instance, roof) < 0 || run.Fail($"must be below {roof.GetRawText()}"))
            & (multiple is not { } step || Numbers.IsMultiple(instance, step) || run.Fail($"must be a multiple of {step.GetRawText()}"));
    }
}
