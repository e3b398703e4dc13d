using System.Globalization;
using System.Text.Json;

using ToolRuntime.OpenApi.Schemas.Patterns;

namespace ToolRuntime.OpenApi.Schemas;

/// <summary>Keywords whose value is shown or compared.</summary>
internal static class ValueKeywords
{
    private const int LongestDescription = 1024;
    private const int LargestDefault = 256;
    private const int LargestExample = 100;
    private const int LargestConst = 1024;

    public static void Description(KeywordContext context)
    {
        if (context.Value.ValueKind == JsonValueKind.String && CleanText.Of(context.Value.GetString()!, LongestDescription) is { Length: > 0 } text)
        {
            context.Set(new PartText(text));
        }
    }

    /// <summary>A title stands in for a description that is not there; beside one it is noise.</summary>
    public static void Title(KeywordContext context)
    {
        if (context.Value.ValueKind == JsonValueKind.String && !context.Schema.Node.TryGetProperty("description", out _)
            && CleanText.Of(context.Value.GetString()!, 200) is { Length: > 0 } text)
        {
            context.Draft["description"] = new PartText(text);
        }
    }

    public static void Default(KeywordContext context)
    {
        if (context.Value.ValueKind != JsonValueKind.Null || context.Converter.Table.ReadsBesideReferences)
        {
            context.Set(Small(context.Value, LargestDefault));
        }
    }

    public static void Const(KeywordContext context) => context.Set(Small(context.Value, LargestConst));

    public static void Example(KeywordContext context)
    {
        if (context.Draft["examples"] is null && Small(context.Value, LargestExample) is { } example && context.Value.ValueKind != JsonValueKind.Null)
        {
            context.Draft["examples"] = new PartList([example]);
        }
    }

    public static void Examples(KeywordContext context)
    {
        var first = context.Value.ValueKind switch
        {
            JsonValueKind.Array => context.Value.EnumerateArray().FirstOrDefault(),
            JsonValueKind.Object => context.Value.EnumerateObject().Select(e => e.Value.ValueKind == JsonValueKind.Object && e.Value.TryGetProperty("value", out var value) ? value : default).FirstOrDefault(),
            _ => default,
        };
        if (first.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null) && Small(first, LargestExample) is { } example)
        {
            context.Draft["examples"] = new PartList([example]);
        }
    }

    public static void Enum(KeywordContext context)
    {
        if (context.Value.ValueKind != JsonValueKind.Array)
        {
            context.Drop("is no list");
            return;
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        var values = new List<SchemaPart>();
        foreach (var item in context.Value.EnumerateArray())
        {
            if (seen.Add(Identity(item)))
            {
                values.Add(Scalar(item));
            }
        }

        context.Set(values.Count > 0 ? new PartList(values) : null);
    }

    public static void Pattern(KeywordContext context)
    {
        if (context.Value.ValueKind != JsonValueKind.String)
        {
            context.Drop("is no text");
            return;
        }

        var (pattern, reason) = EcmaPatterns.Check(context.Value.GetString()!);
        if (pattern is null)
        {
            context.Drop(reason);
        }
        else
        {
            context.Set(new PartText(pattern));
        }
    }

    private static SchemaPart Scalar(JsonElement item) => item.ValueKind == JsonValueKind.String ? new PartText(item.GetString()!) : new PartValue(SchemaWriter.Compact(item));

    private static SchemaPart? Small(JsonElement value, int most)
    {
        if (value.ValueKind == JsonValueKind.Undefined || value.GetRawText().Length > most * 2)
        {
            return null;
        }

        var part = Scalar(value);
        return part.Size <= most ? part : null;
    }

    /// <summary>Equal for values that are equal as JSON: 1 and 1.0 are.</summary>
    private static string Identity(JsonElement item) => item.ValueKind switch
    {
        JsonValueKind.String => "s" + item.GetString(),
        JsonValueKind.Number when item.TryGetDouble(out var number) => "n" + number.ToString("R", CultureInfo.InvariantCulture),
        _ => SchemaWriter.Compact(item),
    };
}
