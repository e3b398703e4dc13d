using System.Globalization;

namespace ToolRuntime.OpenApi.Schemas;

/// <summary>Puts together what several keywords of a draft say about one thing.</summary>
internal static class DraftFinish
{
    private const string BytesNote = "Bytes: base64 text, or the URI of a resource.";

    private static readonly (string Type, string[] Keywords)[] s_keywordsOf =
    [
        ("string", ["minLength", "maxLength", "pattern", "contentEncoding", "contentMediaType"]),
        ("number", ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"]),
        ("array", ["items", "prefixItems", "minItems", "maxItems", "uniqueItems", "contains", "minContains", "maxContains", "unevaluatedItems"]),
        ("object", ["properties", "required", "minProperties", "maxProperties", "additionalProperties", "patternProperties", "propertyNames", "dependentRequired", "dependentSchemas", "unevaluatedProperties"]),
    ];

    /// <summary>The schema that only null fits.</summary>
    public static PartObject NullOnly { get; } = new([new("type", new PartText("null"))]);

    public static PartObject Finish(Draft draft)
    {
        Bounds(draft);
        Bytes(draft);
        draft.Types ??= draft.Count > 0 ? Implied(draft) : null;
        EnumAgainstType(draft);
        OfOtherTypes(draft);
        var isWrapped = false;
        if (draft.IsNullable)
        {
            isWrapped = !Nullable(draft);
        }

        if (draft.Types is { } types)
        {
            draft["type"] = types.Count == 1 ? new PartText(types[0]) : new PartList([.. types.Select(SchemaPart (t) => new PartText(t))]);
        }

        var part = draft.ToPart();
        return isWrapped
            ? new PartObject([.. part.Members.Where(m => m.Key == "description"), new("anyOf", new PartList([part.Without("description"), NullOnly]))])
            : part;
    }

    /// <summary>3.0 says with a boolean that a bound is exclusive.</summary>
    private static void Bounds(Draft draft)
    {
        if (draft.IsMinimumExclusive && draft["minimum"] is { } minimum)
        {
            (draft["exclusiveMinimum"], draft["minimum"]) = (minimum, null);
        }

        if (draft.IsMaximumExclusive && draft["maximum"] is { } maximum)
        {
            (draft["exclusiveMaximum"], draft["maximum"]) = (maximum, null);
        }
    }

    private static void Bytes(Draft draft)
    {
        if (draft.IsBytes && (draft.Types is null || draft.Types.Contains("string", StringComparer.Ordinal)))
        {
            draft.Types ??= ["string"];
            draft["contentEncoding"] = new PartText("base64");
            foreach (var bound in new[] { "pattern", "minLength", "maxLength" })
            {
                draft[bound] = null;
            }

            draft["description"] = new PartText(draft["description"] is PartText { Value: var text } ? $"{text.TrimEnd('.')}. {BytesNote}" : BytesNote);
        }
    }

    private static List<string>? Implied(Draft draft)
    {
        var isOpen = draft["anyOf"] is not null || draft["allOf"] is not null || draft["enum"] is not null || draft["const"] is not null || draft["not"] is not null;
        return isOpen ? null : draft["properties"] is not null ? ["object"] : draft["items"] is not null ? ["array"] : null;
    }

    /// <summary>Values of an enum are written as the type has them, where YAML or a generator wrote them otherwise; those that cannot be of the type go.</summary>
    private static void EnumAgainstType(Draft draft)
    {
        if (draft["enum"] is not PartList values || draft.Types is not { } types || types.Contains("array") || types.Contains("object"))
        {
            return;
        }

        var fitting = values.Items.Select(v => Fitting(v, types)).OfType<SchemaPart>().ToList();
        var distinct = new List<SchemaPart>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var value in fitting)
        {
            if (seen.Add(value is PartText text ? "s" + text.Value : ((PartValue)value).Json))
            {
                distinct.Add(value);
            }
        }

        draft["enum"] = distinct.Count == 0 ? null : distinct.Count == values.Items.Count && fitting.SequenceEqual(values.Items) ? values : new PartList(distinct);
    }

    /// <summary>Keywords that say nothing of the types there are take room and mislead.</summary>
    private static void OfOtherTypes(Draft draft)
    {
        if (draft.Types is not { } types)
        {
            return;
        }

        foreach (var (type, keywords) in s_keywordsOf)
        {
            if (!types.Contains(type) && !(type == "number" && types.Contains("integer")))
            {
                draft.Remove(keywords);
            }
        }
    }

    private static SchemaPart? Fitting(SchemaPart value, List<string> types) => value switch
    {
        PartText text when types.Contains("string") => text,
        PartText text => FittingText(text.Value, types),
        PartValue { Json: "null" } => WithNull(value, types),
        _ => FittingJson(value, ((PartValue)value).Json, types),
    };

    /// <summary>A text where none fits: what it says, as what fits.</summary>
    private static PartValue? FittingText(string text, List<string> types)
    {
        if (TakesNumbers(types) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number))
        {
            return new PartValue(number.ToString("R", CultureInfo.InvariantCulture));
        }

        return types.Contains("boolean") && text is "true" or "false" ? new PartValue(text) : null;
    }

    private static SchemaPart? FittingJson(SchemaPart value, string json, List<string> types)
    {
        var isNumber = char.IsAsciiDigit(json[0]) || json[0] == '-';
        var fits = isNumber ? TakesNumbers(types) : json is "true" or "false" && types.Contains("boolean");
        return fits ? value : types.Contains("string") && json[0] is not ('{' or '[') ? new PartText(json) : null;
    }

    private static SchemaPart WithNull(SchemaPart value, List<string> types)
    {
        if (!types.Contains("null"))
        {
            types.Add("null");
        }

        return value;
    }

    private static bool TakesNumbers(List<string> types) => types.Contains("integer") || types.Contains("number");

    /// <summary>Lets null in beside the types and values that are there; false where only a choice can.</summary>
    private static bool Nullable(Draft draft)
    {
        if (draft["enum"] is PartList values && !values.Items.Any(v => v is PartValue { Json: "null" }))
        {
            draft["enum"] = new PartList([.. values.Items, PartValue.Null]);
        }

        if (draft.Types is { } types)
        {
            if (!types.Contains("null"))
            {
                types.Add("null");
            }

            if (draft["anyOf"] is PartList choices && !choices.Items.Any(NullOnly.IsSame))
            {
                draft["anyOf"] = new PartList([.. choices.Items, NullOnly]);
            }

            return draft["allOf"] is null && draft["const"] is null;
        }

        if (draft["anyOf"] is PartList open && draft["allOf"] is null)
        {
            draft["anyOf"] = open.Items.Any(NullOnly.IsSame) ? open : new PartList([.. open.Items, NullOnly]);
            return true;
        }

        return draft["allOf"] is null && draft["const"] is null && draft["not"] is null;
    }
}
