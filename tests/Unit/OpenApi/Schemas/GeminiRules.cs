using System.Text.Json;

namespace ToolRuntime.Tests.Unit.OpenApi.Schemas;

/// <summary>The rules of Gemini's function declarations: the fields of its Schema message and what the service refuses.</summary>
internal static class GeminiRules
{
    private static readonly string[] s_keywords =
        ["type", "format", "description", "nullable", "enum", "items", "properties", "required", "minItems", "maxItems", "minimum", "maximum", "minLength", "maxLength", "pattern", "minProperties", "maxProperties", "anyOf"];

    private static readonly string[] s_types = ["string", "number", "integer", "boolean", "array", "object"];

    public static List<string> Broken(JsonElement root)
    {
        var broken = new List<string>();
        Schema(root, "", broken, isRoot: true);
        return broken;
    }

    private static void Schema(JsonElement schema, string at, List<string> broken, bool isRoot)
    {
        broken.AddRange(schema.EnumerateObject().Where(m => !s_keywords.Contains(m.Name)).Select(m => $"{at}: {m.Name} is unknown"));
        if (schema.TryGetProperty("anyOf", out var choices))
        {
            if (schema.EnumerateObject().Count() != 1)
            {
                broken.Add($"{at}: anyOf is not alone");
            }

            foreach (var choice in choices.EnumerateArray())
            {
                Schema(choice, at + "/anyOf", broken, isRoot: false);
            }

            return;
        }

        if (!schema.TryGetProperty("type", out var type) || type.ValueKind != JsonValueKind.String || !s_types.Contains(type.GetString()))
        {
            broken.Add($"{at}: not one type");
            return;
        }

        Keywords(schema, type.GetString()!, at, broken, isRoot);
    }

    private static void Keywords(JsonElement schema, string type, string at, List<string> broken, bool isRoot)
    {
        if (schema.TryGetProperty("enum", out var values) && (type != "string" || values.EnumerateArray().Any(v => v.ValueKind != JsonValueKind.String || v.GetString()!.Length == 0)))
        {
            broken.Add($"{at}: an enum of other than text");
        }

        if (schema.TryGetProperty("format", out var format) && !(type == "string" ? new[] { "enum", "date-time" } : ["int32", "int64", "float", "double"]).Contains(format.GetString()))
        {
            broken.Add($"{at}: format {format}");
        }

        if (type == "array")
        {
            if (schema.TryGetProperty("items", out var items))
            {
                Schema(items, at + "/items", broken, isRoot: false);
            }
            else
            {
                broken.Add($"{at}: an array without items");
            }
        }

        if (type == "object")
        {
            var properties = schema.GetProperty("properties");
            if (!isRoot && !properties.EnumerateObject().Any())
            {
                broken.Add($"{at}: an object without properties");
            }

            foreach (var property in properties.EnumerateObject())
            {
                Schema(property.Value, $"{at}/{property.Name}", broken, isRoot: false);
            }

            if (schema.TryGetProperty("required", out var required))
            {
                broken.AddRange(required.EnumerateArray().Where(n => !properties.TryGetProperty(n.GetString()!, out _)).Select(n => $"{at}: {n} is required and not there"));
            }
        }
    }
}
