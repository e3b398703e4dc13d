using System.Collections.Frozen;
using System.Text.Json;

using ToolRuntime.OpenApi.Model;

namespace ToolRuntime.OpenApi.Schemas;

/// <summary>What becomes of each keyword of a document's schema. What stands in no table is no part of a model's schema and goes.</summary>
internal static class KeywordHandlers
{
    private static readonly FrozenDictionary<string, Action<KeywordContext>> s_handlers = new Dictionary<string, Action<KeywordContext>>(StringComparer.Ordinal)
    {
        ["type"] = TypeKeywords.Type,
        ["nullable"] = c => c.Draft.IsNullable |= c.Value.ValueKind == JsonValueKind.True,
        ["x-nullable"] = c => c.Draft.IsNullable |= c.Value.ValueKind == JsonValueKind.True,
        ["format"] = TypeKeywords.Format,
        ["contentEncoding"] = c => c.SetText(),
        ["contentMediaType"] = TypeKeywords.ContentMediaType,
        ["enum"] = ValueKeywords.Enum,
        ["const"] = ValueKeywords.Const,
        ["default"] = ValueKeywords.Default,
        ["example"] = ValueKeywords.Example,
        ["examples"] = ValueKeywords.Examples,
        ["description"] = ValueKeywords.Description,
        ["title"] = ValueKeywords.Title,
        ["deprecated"] = c => c.SetTrue(),
        ["uniqueItems"] = c => c.SetTrue(),
        ["minimum"] = NumberKeywords.Bound,
        ["maximum"] = NumberKeywords.Bound,
        ["exclusiveMinimum"] = NumberKeywords.ExclusiveBound,
        ["exclusiveMaximum"] = NumberKeywords.ExclusiveBound,
        ["multipleOf"] = NumberKeywords.MultipleOf,
        ["minLength"] = NumberKeywords.Count,
        ["maxLength"] = NumberKeywords.Count,
        ["minItems"] = NumberKeywords.Count,
        ["maxItems"] = NumberKeywords.Count,
        ["minProperties"] = NumberKeywords.Count,
        ["maxProperties"] = NumberKeywords.Count,
        ["minContains"] = NumberKeywords.Count,
        ["maxContains"] = NumberKeywords.Count,
        ["pattern"] = ValueKeywords.Pattern,
        ["properties"] = ObjectKeywords.Properties,
        ["required"] = ObjectKeywords.Required,
        ["patternProperties"] = ObjectKeywords.PatternProperties,
        ["dependentRequired"] = ObjectKeywords.DependentRequired,
        ["dependentSchemas"] = ObjectKeywords.DependentSchemas,
        ["additionalProperties"] = ObjectKeywords.Additional,
        ["unevaluatedProperties"] = ObjectKeywords.Additional,
        ["propertyNames"] = c => c.SetSchema(),
        ["items"] = ObjectKeywords.Items,
        ["prefixItems"] = c => c.SetSchemas(),
        ["contains"] = c => c.SetSchema(),
        ["unevaluatedItems"] = c => c.SetSchema(),
        ["not"] = c => c.SetSchema(),
        ["if"] = c => c.SetSchema(),
        ["then"] = c => c.SetSchema(),
        ["else"] = c => c.SetSchema(),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Takes one keyword up into the draft.</summary>
    public static void Handle(SchemaConverter converter, Draft draft, ApiSchema schema, JsonProperty member)
    {
        if (s_handlers.TryGetValue(member.Name, out var handler))
        {
            handler(new KeywordContext(converter, draft, schema, member.Name, member.Value));
        }
    }
}
