using System.Text.Json;

namespace ToolRuntime.Runtime.Building.Apps;

/// <summary>Reads JSON as the public host does: comments and trailing commas may stand in it, and the case of names does not matter.</summary>
internal static class AppJson
{
    private static readonly JsonDocumentOptions s_lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>The object in <paramref name="text"/>; null, with an error, where there is none.</summary>
    public static JsonElement? Object(string text, string where, List<string> errors)
    {
        if (Parse(text, where, errors) is not { } parsed)
        {
            return null;
        }

        if (parsed.ValueKind == JsonValueKind.Object)
        {
            return parsed;
        }

        errors.Add($"{where}: an object was expected");
        return null;
    }

    /// <summary>The value in <paramref name="text"/>; null, with an error, where it is no JSON.</summary>
    public static JsonElement? Parse(string text, string where, List<string> errors)
    {
        try
        {
            using var document = JsonDocument.Parse(text, s_lenient);
            return document.RootElement.Clone();
        }
        catch (JsonException error)
        {
            errors.Add($"{where}, line {error.LineNumber + 1}: {error.Message}");
            return null;
        }
    }

    /// <summary>A member that is there and not null.</summary>
    public static JsonElement? Member(JsonElement node, string name)
    {
        foreach (var member in node.EnumerateObject())
        {
            if (member.Name.Equals(name, StringComparison.OrdinalIgnoreCase) && member.Value.ValueKind != JsonValueKind.Null)
            {
                return member.Value;
            }
        }

        return null;
    }

    /// <summary>A text member; null where it is not there, and with an error where it is no text.</summary>
    public static string? Text(JsonElement node, string name, string where, List<string> errors)
    {
        if (Member(node, name) is not { } value)
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.String)
        {
            return value.GetString();
        }

        errors.Add($"{where}.{name}: a string was expected");
        return null;
    }

    /// <summary>A yes or no, false where it is not there; an error where it is neither.</summary>
    public static bool Flag(JsonElement node, string name, string where, List<string> errors)
    {
        if (Member(node, name) is not { } value)
        {
            return false;
        }

        if (value.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
        {
            errors.Add($"{where}.{name}: true or false was expected");
        }

        return value.ValueKind == JsonValueKind.True;
    }

    /// <summary>A member that is JSON itself, or a string with JSON in it.</summary>
    public static JsonElement? Nested(JsonElement node, string name, string where, List<string> errors) => Member(node, name) switch
    {
        { ValueKind: JsonValueKind.String } text => Parse(text.GetString()!, $"{where}.{name}", errors),
        var other => other,
    };
}
