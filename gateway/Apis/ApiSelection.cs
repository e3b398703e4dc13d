using System.Text.Json;
using System.Text.Json.Nodes;

using ToolRuntime.OpenApi.Responses;
using ToolRuntime.OpenApi.Tools;

namespace ToolRuntime.Gateway.Apis;

/// <summary>
/// The argument that every operation with a JSON result takes beside its own: which part of the result is wanted. It never reaches the API.
/// </summary>
internal static class ApiSelection
{
    /// <summary>The argument's name.</summary>
    public const string Argument = "_select";

    private const string Description = "Only this part of the result: field paths (id,owner.login) or a JMESPath expression (items[?open].{id:id,title:title})";

    /// <summary>Whether <paramref name="tool"/> takes it.</summary>
    public static bool IsTakenBy(ApiTool tool) => tool.OutputSchema is not null && tool.Bindings.All(b => b.Argument != Argument);

    /// <summary>The input schema with the argument in it.</summary>
    public static JsonElement AddTo(JsonElement schema)
    {
        var node = JsonObject.Create(schema)!;
        if (node["properties"] is not JsonObject properties)
        {
            node["properties"] = properties = [];
        }

        properties[Argument] = new JsonObject { ["type"] = "string", ["description"] = Description };
        return JsonElement.Parse(JsonSerializer.SerializeToUtf8Bytes(node, ApiJson.Default.JsonObject));
    }

    /// <summary>The API's own arguments, and what is wanted of the result.</summary>
    /// <exception cref="FormatException">The selection cannot be read.</exception>
    public static (JsonElement Arguments, ResultShape? Shape) Take(ApiTool tool, JsonElement arguments)
    {
        if (!arguments.TryGetProperty(Argument, out var selection) || !IsTakenBy(tool))
        {
            return (arguments, null);
        }

        var node = JsonObject.Create(arguments)!;
        node.Remove(Argument);
        return (JsonElement.Parse(JsonSerializer.SerializeToUtf8Bytes(node, ApiJson.Default.JsonObject)), Shape(selection.GetString() ?? ""));
    }

    /// <summary>Field paths are told from an expression by a comma that stands in no bracket.</summary>
    private static ResultShape? Shape(string text)
    {
        var depth = 0;
        foreach (var c in text)
        {
            depth += c is '[' or '{' or '(' ? 1 : c is ']' or '}' or ')' ? -1 : 0;
            if (c == ',' && depth == 0)
            {
                return ResultShape.Parse(text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries), null);
            }
        }

        return ResultShape.Parse(null, text);
    }
}
