using System.Text.Json;
using System.Text.Json.Nodes;

using ToolRuntime.OpenApi.Tools;

namespace ToolRuntime.OpenApi.Requests;

/// <summary>Arrays within an array, each as one text, where the document says how (Swagger 2.0, Items Object).</summary>
internal static class NestedArrays
{
    /// <summary>The argument's value with its inner arrays joined; itself where there is none.</summary>
    public static JsonElement Joined(ArgumentBinding binding, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array || binding.Parameter is not { InnerDelimiters: { Count: > 0 } delimiters })
        {
            return value;
        }

        var items = new JsonArray([.. value.EnumerateArray().Select(i => i.ValueKind == JsonValueKind.Array ? JsonValue.Create(Text(binding.Argument, i, delimiters, 0)) : JsonNode.Parse(i.GetRawText()))]);
        return JsonElement.Parse(items.ToJsonString());
    }

    private static string Text(string argument, JsonElement value, IReadOnlyList<char> delimiters, int depth) =>
        value.ValueKind == JsonValueKind.Array && depth < delimiters.Count
            ? string.Join(delimiters[depth], value.EnumerateArray().Where(i => i.ValueKind != JsonValueKind.Null).Select(i => Text(argument, i, delimiters, depth + 1)))
            : ArgumentText.Of(argument, value);
}
