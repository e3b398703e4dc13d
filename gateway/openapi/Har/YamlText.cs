using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ToolRuntime.OpenApi.Har;

/// <summary>JSON as YAML that people like to edit: block style, plain scalars where they mean the same.</summary>
internal static class YamlText
{
    private static readonly JsonSerializerOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Write(JsonObject document)
    {
        var text = new StringBuilder();
        Members(document, 0, text);
        return text.ToString();
    }

    private static void Members(JsonObject map, int indent, StringBuilder text)
    {
        var isFirst = true;
        foreach (var (name, value) in map)
        {
            // The first member stands behind its list item's dash.
            if (!isFirst || indent == 0 || text[^1] == '\n')
            {
                text.Append(' ', indent);
            }

            isFirst = false;
            text.Append(Scalar(name)).Append(':');
            Value(value, indent + 2, text);
        }
    }

    private static void Value(JsonNode? value, int indent, StringBuilder text)
    {
        switch (value)
        {
            case JsonObject { Count: > 0 } map:
                text.Append('\n');
                Members(map, indent, text);
                break;
            case JsonArray { Count: > 0 } list when list.All(i => i is JsonValue):
                text.Append(" [").AppendJoin(", ", list.Select(i => Plain(i))).Append("]\n");
                break;
            case JsonArray { Count: > 0 } list:
                text.Append('\n');
                foreach (var item in list)
                {
                    text.Append(' ', indent).Append("- ");
                    Item(item, indent + 2, text);
                }

                break;
            default:
                text.Append(' ').Append(Plain(value)).Append('\n');
                break;
        }
    }

    private static void Item(JsonNode? item, int indent, StringBuilder text)
    {
        if (item is JsonObject { Count: > 0 } map)
        {
            Members(map, indent, text);
        }
        else
        {
            text.Append(Plain(item)).Append('\n');
        }
    }

    private static string Plain(JsonNode? value) => value is JsonValue text && text.GetValueKind() == JsonValueKind.String
        ? Scalar(text.GetValue<string>())
        : value?.ToJsonString() ?? "null";

    private static string Scalar(string text) => IsPlain(text) ? text : JsonSerializer.Serialize(text, s_options);

    private static bool IsPlain(string text) => text.Length > 0 && (char.IsAsciiLetter(text[0]) || text[0] is '/' or '$')
        && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '_' or '-' or '.' or '$' or ' ' or '+') && text[^1] != ' '
        && text.ToLowerInvariant() is not ("true" or "false" or "null" or "yes" or "no" or "on" or "off" or "y" or "n");
}
