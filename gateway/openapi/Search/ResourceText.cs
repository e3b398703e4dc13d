using System.Text.Json;

using ToolRuntime.OpenApi.Model;

namespace ToolRuntime.OpenApi.Search;

/// <summary>
/// What a document says about the thing behind an operation: the descriptions of what its success response holds and of what its body is.
/// Where operations say only "create a DaemonSet", this is where the document says what one is.
/// </summary>
public static class ResourceText
{
    private const int LongestDescription = 600;
    private static readonly string[] s_wrappers = ["items", "data", "value", "values", "results", "records", "entries"];

    /// <summary>The text, bounded; empty where the document says nothing.</summary>
    public static string Of(ApiOperation operation)
    {
        var response = operation.Responses.FirstOrDefault(r => r.Status.StartsWith('2') && r.Media.Count > 0);
        var returned = response is null ? "" : Describe(response.Media[0].Schema);
        var taken = operation.Body is { Media: [var media, ..] } ? Describe(media.Schema) : "";
        return taken.Length == 0 || string.Equals(taken, returned, StringComparison.Ordinal) ? returned : returned + "\n" + taken;
    }

    /// <summary>The description of <paramref name="schema"/>, or of its items where it is a list or wraps one.</summary>
    private static string Describe(ApiSchema schema)
    {
        var resolved = schema.Resolve();
        var item = Item(resolved) ?? resolved;
        var text = Description(item.Node);
        return text.Length > 0 ? text : Description(resolved.Node);
    }

    private static ApiSchema? Item(ApiSchema schema)
    {
        if (Member(schema, "items") is { } direct)
        {
            return direct;
        }

        if (schema.Node.ValueKind != JsonValueKind.Object || !schema.Node.TryGetProperty("properties", out var properties) || properties.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        foreach (var name in s_wrappers)
        {
            if (Member(schema with { Node = properties }, name) is { } list && Member(list, "items") is { } item)
            {
                return item;
            }
        }

        return null;
    }

    private static ApiSchema? Member(ApiSchema schema, string name) =>
        schema.Node.ValueKind == JsonValueKind.Object && schema.Node.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.Object
            ? (schema with { Node = member }).Resolve()
            : null;

    private static string Description(JsonElement node)
    {
        if (node.ValueKind != JsonValueKind.Object || !node.TryGetProperty("description", out var text) || text.ValueKind != JsonValueKind.String)
        {
            return "";
        }

        var whole = text.GetString()!;
        return whole.Length <= LongestDescription ? whole : whole[..LongestDescription];
    }
}
