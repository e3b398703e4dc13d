using System.Text.Json;

namespace ToolRuntime.OpenApi.Schemas;

/// <summary><c>type</c>, <c>format</c> and what they say of bytes.</summary>
internal static class TypeKeywords
{
    private const int LongestFormat = 64;

    public static void Type(KeywordContext context)
    {
        IEnumerable<JsonElement> named = context.Value.ValueKind switch
        {
            JsonValueKind.String => [context.Value],
            JsonValueKind.Array => context.Value.EnumerateArray(),
            JsonValueKind.Null => [],
            _ => [default],
        };
        var types = new List<string>();
        foreach (var name in named)
        {
            var text = name.ValueKind == JsonValueKind.String ? name.GetString()!.Trim() : name.ValueKind == JsonValueKind.Null ? "null" : "";
            context.Draft.IsBytes |= text is "file";
            if (Known(text) is not { } type)
            {
                if (text is not ("any" or "mixed"))
                {
                    context.Drop($"has no type '{CleanText.Of(text, 40)}'");
                }

                return;
            }

            if (!types.Contains(type, StringComparer.Ordinal))
            {
                types.Add(type);
            }
        }

        context.Draft.Types = types.Count == 0 ? null : types;
    }

    public static void Format(KeywordContext context)
    {
        if (context.Value.ValueKind != JsonValueKind.String || context.Value.GetString() is not { Length: > 0 and <= LongestFormat } format)
        {
            return;
        }

        if (format is "binary")
        {
            context.Draft.IsBytes = true;
        }
        else if (format is "byte" or "base64")
        {
            context.Draft["contentEncoding"] = new PartText("base64");
        }
        else
        {
            context.Set(new PartText(CleanText.Of(format, LongestFormat)));
        }
    }

    public static void ContentMediaType(KeywordContext context)
    {
        context.SetText();

        // 3.1: a media type without an encoding stands for raw bytes, unless it is text.
        if (context.Draft["contentMediaType"] is PartText { Value: var media } && context.Schema.Node.TryGetProperty("contentEncoding", out _) is false)
        {
            context.Draft.IsBytes |= media.StartsWith("application/octet-stream", StringComparison.OrdinalIgnoreCase)
                || media.StartsWith("image/", StringComparison.OrdinalIgnoreCase) || media.StartsWith("audio/", StringComparison.OrdinalIgnoreCase)
                || media.StartsWith("video/", StringComparison.OrdinalIgnoreCase) || media.StartsWith("application/pdf", StringComparison.OrdinalIgnoreCase);
        }
    }

    /// <summary>The type of a name, of those too that documents have and no dialect knows; null for any.</summary>
    private static string? Known(string name) => name.ToLowerInvariant() switch
    {
        "string" or "file" or "text" or "str" or "date" or "datetime" or "date-time" or "uuid" or "byte" or "binary" or "char" => "string",
        "integer" or "int" or "int32" or "int64" or "long" => "integer",
        "number" or "float" or "double" or "decimal" or "numeric" => "number",
        "boolean" or "bool" => "boolean",
        "object" or "map" or "dict" => "object",
        "array" or "list" => "array",
        "null" => "null",
        _ => null,
    };
}
