using System.Text.Json;

namespace ToolRuntime.Tests.Unit.OpenApi.Schemas;

/// <summary>The rules of OpenAI's structured outputs, as its guide states them.</summary>
internal static class OpenAiRules
{
    private const int MostProperties = 5000;
    private static readonly string[] s_keywords =
        ["$ref", "type", "const", "enum", "description", "format", "pattern", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minItems", "maxItems", "properties", "required", "items", "anyOf", "$defs", "additionalProperties"];

    public static List<string> Broken(JsonElement root)
    {
        var broken = new List<string>();
        if (root.TryGetProperty("anyOf", out _) || !root.TryGetProperty("type", out var type) || type.GetString() != "object")
        {
            broken.Add("the root must be an object and no choice");
        }

        var properties = 0;
        Schema(root, "", root, broken, ref properties);
        if (properties > MostProperties)
        {
            broken.Add("too many properties");
        }

        return broken;
    }

    private static void Schema(JsonElement schema, string at, JsonElement root, List<string> broken, ref int properties)
    {
        broken.AddRange(schema.EnumerateObject().Where(m => !s_keywords.Contains(m.Name)).Select(m => $"{at}: {m.Name} is not supported"));
        if (schema.TryGetProperty("$ref", out var reference) && !root.GetProperty("$defs").TryGetProperty(reference.GetString()!["#/$defs/".Length..], out _))
        {
            broken.Add($"{at}: dangling {reference}");
        }

        if (!schema.TryGetProperty("type", out var type) && !schema.TryGetProperty("$ref", out _) && !schema.TryGetProperty("anyOf", out _) && !schema.TryGetProperty("enum", out _) && !schema.TryGetProperty("const", out _))
        {
            broken.Add($"{at}: no type");
        }

        var types = type.ValueKind switch { JsonValueKind.Array => type.EnumerateArray().Select(t => t.GetString()).ToList(), JsonValueKind.String => [type.GetString()], _ => new List<string?>() };
        if (types.Contains("array") && !schema.TryGetProperty("items", out _))
        {
            broken.Add($"{at}: an array without items");
        }

        if (types.Contains("object"))
        {
            var names = schema.GetProperty("properties").EnumerateObject().Select(p => p.Name).ToList();
            properties += names.Count;
            if (!schema.TryGetProperty("additionalProperties", out var more) || more.ValueKind != JsonValueKind.False)
            {
                broken.Add($"{at}: an open object");
            }

            if (!schema.GetProperty("required").EnumerateArray().Select(n => n.GetString()).Order(StringComparer.Ordinal).SequenceEqual(names.Order(StringComparer.Ordinal)))
            {
                broken.Add($"{at}: not all properties are required");
            }
        }

        foreach (var map in new[] { "properties", "$defs" })
        {
            if (schema.TryGetProperty(map, out var members))
            {
                foreach (var member in members.EnumerateObject())
                {
                    Schema(member.Value, $"{at}/{map}/{member.Name}", root, broken, ref properties);
                }
            }
        }

        if (schema.TryGetProperty("items", out var items))
        {
            Schema(items, at + "/items", root, broken, ref properties);
        }

        if (schema.TryGetProperty("anyOf", out var choices))
        {
            foreach (var choice in choices.EnumerateArray())
            {
                Schema(choice, at + "/anyOf", root, broken, ref properties);
            }
        }
    }
}
