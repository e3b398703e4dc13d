using System.Text;
using System.Text.Json;

using ToolRuntime.OpenApi.Faults;

namespace ToolRuntime.OpenApi.Requests;

/// <summary>A parameter with <c>content</c>: its value as text of its media type, before any escaping.</summary>
internal static class ContentText
{
    /// <summary>JSON types as JSON; a form as a form; others as the text that the argument is.</summary>
    public static string Of(string argument, JsonElement value, string mediaType)
    {
        var essence = MediaTypes.Essence(mediaType);
        if (MediaTypes.IsJson(essence) || MediaTypes.IsRange(essence))
        {
            return CompactJson.Text(value);
        }

        if (!MediaTypes.IsForm(essence))
        {
            return value.ValueKind is JsonValueKind.Null ? "" : ArgumentText.Of(argument, value);
        }

        if (value.ValueKind == JsonValueKind.String)
        {
            return value.GetString()!.TrimStart('?');
        }

        var form = new StringBuilder();
        if (value.ValueKind != JsonValueKind.Object)
        {
            throw ApiFaultException.Argument(argument, "must be an object or a string: it is written as a form");
        }

        foreach (var member in value.EnumerateObject())
        {
            new FormWriter(form).Write(argument, member.Name, member.Value, encoding: null);
        }

        return form.ToString();
    }
}
