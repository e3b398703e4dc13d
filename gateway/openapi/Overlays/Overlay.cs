using System.Text.Json;
using System.Text.Json.Nodes;

using ToolRuntime.OpenApi.Documents;

namespace ToolRuntime.OpenApi.Overlays;

/// <summary>
/// OpenAPI Overlays (1.0, 1.1): a document of edits that is applied to another each time it is read, so that edits survive its refresh. Actions
/// <c>update</c>, <c>remove</c> and <c>copy</c>, each with a <c>target</c> in JSONPath.
/// </summary>
public static class Overlay
{
    private const int MostActions = 10_000;
    private const string Hint = "see the OpenAPI Overlay Specification";

    /// <summary>The document with the overlay applied, as JSON.</summary>
    /// <param name="document">The document, JSON or YAML.</param>
    /// <param name="overlay">The overlay, JSON or YAML.</param>
    /// <param name="options">Bounds of both.</param>
    /// <exception cref="ApiDocumentException">One of them cannot be read, or an action is wrong: it is named (<c>/actions/2</c>).</exception>
    public static ReadOnlyMemory<byte> Apply(ReadOnlyMemory<byte> document, ReadOnlyMemory<byte> overlay, ReadOptions options)
    {
        var edits = DocumentText.Parse(DocumentText.ToJson(overlay, options), options);
        if (edits.Text("overlay") is null || edits.Member("actions").ValueKind != JsonValueKind.Array)
        {
            throw new ApiDocumentException("the overlay has no 'overlay' version or no 'actions'", "", Hint);
        }

        if (edits.Member("actions").GetArrayLength() > MostActions)
        {
            throw new ApiDocumentException($"the overlay has more than {MostActions} actions", "/actions", "split it");
        }

        try
        {
            var root = Parse(DocumentText.ToJson(document, options), options);
            var index = 0;
            foreach (var action in edits.Member("actions").EnumerateArray())
            {
                Apply(root, action, $"/actions/{index++}");
            }

            return JsonSerializer.SerializeToUtf8Bytes(root, OverlayContext.Default.JsonNode);
        }
        catch (ArgumentException error)
        {
            // Nodes are made when they are first looked at: only then does a name that stands twice show.
            throw new ApiDocumentException($"the document cannot be edited: {error.Message}", "", "remove the name that stands twice");
        }
    }

    private static JsonNode Parse(ReadOnlyMemory<byte> json, ReadOptions options)
    {
        // The same checks, and the same messages, as for a document without an overlay.
        var element = DocumentText.Parse(json, options);
        return element.ValueKind == JsonValueKind.Object ? JsonObject.Create(element)! : throw new ApiDocumentException("the document is no object", "1:1", Hint);
    }

    private static void Apply(JsonNode root, JsonElement action, string pointer)
    {
        if (action.Text("target") is not { } target)
        {
            throw new ApiDocumentException("the action has no target", pointer, Hint);
        }

        try
        {
            var matches = JsonPath.Parse(target).Select(root);
            if (action.Flag("remove"))
            {
                Remove(matches);
                return;
            }

            var update = action.Member("update") is { ValueKind: not JsonValueKind.Undefined } given ? ToNode(given) : Copied(root, action);
            foreach (var match in matches)
            {
                Update(match, update);
            }
        }
        catch (JsonPathException error)
        {
            throw new ApiDocumentException(error.Message, $"{pointer}/{(error.IsCopy ? "copy" : "target")}", Hint);
        }
    }

    private static JsonNode? Copied(JsonNode root, JsonElement action)
    {
        if (action.Text("copy") is not { } source)
        {
            throw new JsonPathException("the action neither updates, removes nor copies", isCopy: false);
        }

        var found = JsonPath.Parse(source).Select(root);
        return found.Count == 1 ? found[0].Value?.DeepClone() : throw new JsonPathException($"'{source}' finds {found.Count} values, not one to copy", isCopy: true);
    }

    private static void Remove(IReadOnlyList<PathMatch> matches)
    {
        foreach (var match in matches.Where(m => m.Parent is JsonObject))
        {
            ((JsonObject)match.Parent!).Remove(match.Name!);
        }

        // Items from the end on: what stands before keeps its index.
        foreach (var match in matches.Where(m => m.Parent is JsonArray).OrderByDescending(m => m.Index))
        {
            ((JsonArray)match.Parent!).RemoveAt(match.Index);
        }
    }

    private static void Update(PathMatch match, JsonNode? update)
    {
        switch (match.Value)
        {
            case JsonObject map when update is JsonObject members:
                Merge(map, members);
                break;
            case JsonArray list:
                // To an array an update is one more entry.
                list.Add(update?.DeepClone());
                break;
            default:
                match.Replace(update?.DeepClone());
                break;
        }
    }

    private static void Merge(JsonObject target, JsonObject update)
    {
        foreach (var (name, value) in update)
        {
            switch (target[name])
            {
                case JsonObject map when value is JsonObject members:
                    Merge(map, members);
                    break;
                case JsonArray list when value is JsonArray items:
                    foreach (var item in items)
                    {
                        list.Add(item?.DeepClone());
                    }

                    break;
                default:
                    target[name] = value?.DeepClone();
                    break;
            }
        }
    }

    private static JsonNode? ToNode(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => JsonObject.Create(element),
        JsonValueKind.Array => JsonArray.Create(element),
        JsonValueKind.Null => null,
        _ => JsonValue.Create(element),
    };
}
