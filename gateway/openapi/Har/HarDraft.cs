using System.Text.Json;
using System.Text.Json.Nodes;

using ToolRuntime.OpenApi.Documents;

namespace ToolRuntime.OpenApi.Har;

/// <summary>
/// A recording of a browser or proxy (HAR 1.2) as a draft of an OpenAPI 3.1 document, for review. Of what was recorded only names and types stay, no
/// values; headers, cookies and parameters that look like credentials become a security scheme or go.
/// </summary>
public static class HarDraft
{
    private const int MostEntries = 50_000;
    private const string Hint = "record with a browser's developer tools and save 'HAR with content'";
    private static readonly string[] s_apiMedia = ["json", "xml", "x-www-form-urlencoded", "multipart/form-data", "event-stream", "text/plain"];

    /// <summary>The draft in YAML.</summary>
    /// <param name="har">The recording.</param>
    /// <param name="host">Only requests to this host; null for the host with the most of them.</param>
    /// <param name="options">Bounds.</param>
    /// <exception cref="ApiDocumentException">It is no recording, or has no request to an API.</exception>
    public static string Write(ReadOnlyMemory<byte> har, string? host, ReadOptions options)
    {
        var entries = DocumentText.Parse(DocumentText.ToJson(har, options), options).Member("log").Member("entries");
        if (entries.ValueKind != JsonValueKind.Array)
        {
            throw new ApiDocumentException("the document is no HAR recording: it has no log.entries", "/log/entries", Hint);
        }

        if (entries.GetArrayLength() > MostEntries)
        {
            throw new ApiDocumentException($"the recording has more than {MostEntries} entries", "/log/entries", "record less");
        }

        var requests = entries.EnumerateArray().Select(HarRequest.Of).OfType<HarRequest>().Where(IsApi).ToList();
        var chosen = host ?? requests.GroupBy(r => r.Url.Authority, StringComparer.OrdinalIgnoreCase).MaxBy(g => g.Count())?.Key;
        requests.RemoveAll(r => !string.Equals(r.Url.Authority, chosen, StringComparison.OrdinalIgnoreCase));
        if (requests.Count == 0)
        {
            throw new ApiDocumentException("the recording has no request to an API" + (host is null ? "" : $" at {host}"), "/log/entries", Hint);
        }

        return YamlText.Write(Document(requests));
    }

    /// <summary>Pages, styles, scripts and pictures are no API.</summary>
    private static bool IsApi(HarRequest request) => request.Method != "OPTIONS" && request.Method != "CONNECT"
        && (request.Method is not ("GET" or "HEAD") || request.ResponseMedia.Length == 0 || Array.Exists(s_apiMedia, m => request.ResponseMedia.Contains(m, StringComparison.OrdinalIgnoreCase)));

    private static JsonObject Document(List<HarRequest> requests)
    {
        var paths = new JsonObject();
        var security = new HarSecurity();
        foreach (var operation in requests.GroupBy(r => (Path: HarPath.Template(r.Url.AbsolutePath), r.Method)))
        {
            var item = paths[operation.Key.Path] as JsonObject;
            if (item is null)
            {
                paths[operation.Key.Path] = item = [];
            }

            item[operation.Key.Method.ToLowerInvariant()] = HarOperation.Of(operation.Key.Path, [.. operation], security);
        }

        var document = new JsonObject
        {
            ["openapi"] = "3.1.0",
            ["info"] = new JsonObject { ["title"] = requests[0].Url.Host, ["version"] = "draft", ["description"] = "Drafted from a recording: review paths, types and what is required before use." },
            ["servers"] = new JsonArray(new JsonObject { ["url"] = requests[0].Url.GetLeftPart(UriPartial.Authority) }),
            ["paths"] = paths,
        };
        security.AddTo(document);
        return document;
    }
}
