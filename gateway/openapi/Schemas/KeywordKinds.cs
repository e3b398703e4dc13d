using System.Collections.Frozen;

namespace ToolRuntime.OpenApi.Schemas;

/// <summary>Which keywords of a finished schema hold schemas.</summary>
internal static class KeywordKinds
{
    private static readonly FrozenSet<string> s_one =
        new[] { "items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames", "unevaluatedItems", "unevaluatedProperties" }.ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenSet<string> s_list = new[] { "allOf", "anyOf", "oneOf", "prefixItems" }.ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenSet<string> s_map = new[] { "properties", "patternProperties", "dependentSchemas", "$defs" }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Order of keywords in a schema: what a model needs first stands first.</summary>
    private static readonly FrozenDictionary<string, int> s_order = new[]
    {
        "$ref", "type", "const", "enum", "format", "contentEncoding", "contentMediaType", "description", "deprecated", "default", "examples",
        "minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength", "pattern", "minItems", "maxItems", "uniqueItems",
        "contains", "minContains", "maxContains", "minProperties", "maxProperties", "properties", "required", "dependentRequired", "patternProperties", "propertyNames",
        "additionalProperties", "unevaluatedProperties", "dependentSchemas", "prefixItems", "items", "unevaluatedItems", "anyOf", "allOf", "not", "if", "then", "else",
        "x-truncated", "$defs",
    }.Select((name, at) => KeyValuePair.Create(name, at)).ToFrozenDictionary(StringComparer.Ordinal);

    public static bool HoldsOne(string keyword) => s_one.Contains(keyword);

    public static bool HoldsList(string keyword) => s_list.Contains(keyword);

    public static bool HoldsMap(string keyword) => s_map.Contains(keyword);

    public static int Order(string keyword) => s_order.GetValueOrDefault(keyword, int.MaxValue);

    /// <summary>The same schema with every schema in it changed; references too.</summary>
    public static PartObject MapSchemas(PartObject schema, Func<SchemaPart, SchemaPart> change) => new([.. schema.Members.Select(m => KeyValuePair.Create(m.Key, Mapped(m, change)))]);

    private static SchemaPart Mapped(KeyValuePair<string, SchemaPart> member, Func<SchemaPart, SchemaPart> change) => member.Value switch
    {
        PartList list when HoldsList(member.Key) => new PartList([.. list.Items.Select(change)]),
        PartObject map when HoldsMap(member.Key) => new PartObject([.. map.Members.Select(m => KeyValuePair.Create(m.Key, change(m.Value)))]),
        PartObject or PartReference when HoldsOne(member.Key) => change(member.Value),
        _ => member.Value,
    };
}
