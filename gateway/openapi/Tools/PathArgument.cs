using ToolRuntime.OpenApi.Schemas;

namespace ToolRuntime.OpenApi.Tools;

/// <summary>What an argument of a path may be: never nothing, for an empty segment would lead to another path.</summary>
internal static class PathArgument
{
    private static readonly PartValue s_one = new("1");

    /// <summary>The argument's schema without <c>null</c>, empty text, empty arrays and empty objects. One with references within stays as it is: what they name serves others too.</summary>
    /// <param name="part">The argument's schema.</param>
    /// <param name="isNamed">Whether its style writes the parameter's name before the value, as <c>matrix</c> does: empty text leaves no empty segment then.</param>
    public static SchemaPart Of(SchemaPart part, bool isNamed) =>
        (part is PartReference reference ? reference.Inlined() : part) is PartObject { HasReferences: false } schema ? Filled(schema, isNamed) : part;

    private static PartObject Filled(PartObject schema, bool isNamed)
    {
        schema = Choices(Values(Types(TextForNothing(schema))), isNamed);
        schema = schema["enum"] is null && schema["const"] is null ? Bounds(schema, isNamed) : schema;
        return new PartObject([.. schema.Members.OrderBy(m => KeywordKinds.Order(m.Key))]);
    }

    private static PartObject Choices(PartObject schema, bool isNamed)
    {
        foreach (var keyword in (ReadOnlySpan<string>)["anyOf", "oneOf"])
        {
            schema = schema[keyword] is PartList choices ? schema.With(keyword, new PartList([.. choices.Items.Where(c => !IsOnlyNull(c)).Select(c => Of(c, isNamed))])) : schema;
        }

        return schema;
    }

    private static PartObject Values(PartObject schema)
    {
        var kept = schema["enum"] is PartList values ? values.Items.Where(v => v is not PartValue { Json: "null" }).ToList() : [];
        return kept.Count > 0 ? schema.With("enum", new PartList(kept)) : schema;
    }

    /// <summary>An object that may have no property, as of a class whose properties are all read-only, is sent as some text.</summary>
    private static PartObject TextForNothing(PartObject schema)
    {
        var isNothing = schema["type"] is PartText { Value: "object" } && schema["properties"] is null or PartObject { Members.Count: 0 }
            && schema["additionalProperties"] is PartValue { Json: "false" };
        return isNothing ? schema.Without("properties", "additionalProperties", "minProperties", "maxProperties", "required").With("type", new PartText("string")) : schema;
    }

    private static PartObject Types(PartObject schema)
    {
        if (schema["type"] is not PartList types)
        {
            return schema;
        }

        var kept = types.Items.Where(t => !IsNull(t)).ToList();
        return kept.Count == types.Items.Count || kept.Count == 0 ? schema : schema.With("type", kept.Count == 1 ? kept[0] : new PartList(kept));
    }

    private static PartObject Bounds(PartObject schema, bool isNamed)
    {
        if (!isNamed && Takes(schema, "string"))
        {
            schema = AtLeastOne(schema, "minLength");
        }

        if (Takes(schema, "array"))
        {
            schema = AtLeastOne(schema, "minItems");
            schema = schema["items"] is { } items ? schema.With("items", Of(items, isNamed)) : schema;
        }

        return Takes(schema, "object") && schema["required"] is null ? AtLeastOne(schema, "minProperties") : schema;
    }

    private static PartObject AtLeastOne(PartObject schema, string bound) =>
        schema[bound] is null or PartValue { Json: "0" } ? schema.With(bound, s_one) : schema;

    private static bool Takes(PartObject schema, string type) => schema["type"] switch
    {
        PartText one => one.Value == type,
        PartList several => several.Items.Any(t => t is PartText text && text.Value == type),
        _ => false,
    };

    private static bool IsOnlyNull(SchemaPart choice) => choice is PartObject { Members.Count: 1 } lone && IsNull(lone["type"]);

    private static bool IsNull(SchemaPart? type) => type is PartText { Value: "null" };
}
