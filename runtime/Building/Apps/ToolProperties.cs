using System.Text.Json;
using System.Text.Json.Nodes;

namespace ToolRuntime.Runtime.Building.Apps;

/// <summary>Turns a trigger's <c>toolProperties</c> into the tool's input schema, as the public host does.</summary>
internal static class ToolProperties
{
    private static readonly string[] s_types = ["string", "number", "integer", "boolean", "object"];

    /// <summary>The schema; everything wrong is added to <paramref name="errors"/>.</summary>
    /// <param name="properties">The member: an array; null stands for no properties.</param>
    /// <param name="where">File and member, for errors.</param>
    /// <param name="errors">Takes what is wrong.</param>
    public static JsonElement Schema(JsonElement? properties, string where, List<string> errors)
    {
        var members = new JsonObject();
        var required = new JsonArray();
        if (properties is { ValueKind: JsonValueKind.Array } list)
        {
            var index = 0;
            foreach (var item in list.EnumerateArray())
            {
                Add(item, $"{where}[{index++}]", members, required, errors);
            }
        }
        else if (properties is not null)
        {
            errors.Add($"{where}: an array of properties was expected, or a string with one");
        }

        return JsonElement.Parse(new JsonObject { ["type"] = "object", ["properties"] = members, ["required"] = required }.ToJsonString());
    }

    private static void Add(JsonElement item, string where, JsonObject members, JsonArray required, List<string> errors)
    {
        if (item.ValueKind != JsonValueKind.Object)
        {
            errors.Add($"{where}: an object was expected");
            return;
        }

        var name = AppJson.Text(item, "propertyName", where, errors);
        if (string.IsNullOrEmpty(name))
        {
            errors.Add($"{where}.propertyName: is missing");
            return;
        }

        if (members.ContainsKey(name))
        {
            errors.Add($"{where}.propertyName: \"{name}\" stands there twice");
            return;
        }

        members[name] = Property(item, where, errors);
        if (AppJson.Flag(item, "isRequired", where, errors) | AppJson.Flag(item, "required", where, errors))
        {
            required.Add(name);
        }
    }

    private static JsonObject Property(JsonElement item, string where, List<string> errors)
    {
        var type = AppJson.Text(item, "propertyType", where, errors);
        if (type is null || !s_types.Contains(type, StringComparer.OrdinalIgnoreCase))
        {
            errors.Add($"{where}.propertyType: \"{type}\" is none of {string.Join(", ", s_types)}");
        }

        var value = new JsonObject { ["type"] = type?.ToLowerInvariant() };
        if (AppJson.Member(item, "enumValues") is { ValueKind: JsonValueKind.Array } values && values.GetArrayLength() > 0)
        {
            value["enum"] = JsonArray.Create(values);
        }

        var property = AppJson.Flag(item, "isArray", where, errors) ? new JsonObject { ["type"] = "array", ["items"] = value } : value;
        property["description"] = AppJson.Text(item, "description", where, errors) ?? "";
        return property;
    }
}
