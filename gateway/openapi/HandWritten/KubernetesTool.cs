using System.Text.Json;
using System.Text.Json.Nodes;

using ToolRuntime.OpenApi.Documents;

namespace ToolRuntime.OpenApi.HandWritten;

/// <summary>
/// A Kubernetes object of kind <c>Tool</c>: <c>metadata.name</c>, and in <c>spec</c> a description, an <c>inputSchema</c> and the request, either in
/// <c>spec</c> itself or in <c>spec.http</c> (or <c>spec.fetcher</c>), as agent runtimes on Kubernetes write it.
/// </summary>
internal static class KubernetesTool
{
    /// <summary>The same as one of our own tools.</summary>
    /// <exception cref="ApiDocumentException">It is no HTTP tool.</exception>
    public static JsonElement Plain(JsonElement item, string pointer)
    {
        var spec = item.Member("spec");
        var request = spec.Member("http") is { ValueKind: JsonValueKind.Object } http ? http
            : spec.Member("fetcher") is { ValueKind: JsonValueKind.Object } fetcher ? fetcher : spec;
        if (request.Text("url") is not { } url)
        {
            throw new ApiDocumentException("the tool has no URL", $"{pointer}/spec", "only tools that are HTTP requests can be taken: give spec.http.url");
        }

        var input = spec.Member("inputSchema") is { ValueKind: JsonValueKind.Object } schema ? schema : spec.Member("parameters");
        var plain = new JsonObject
        {
            ["name"] = spec.Text("name") ?? item.Member("metadata").Text("name") ?? "",
            ["description"] = spec.Text("description") ?? "",
            ["method"] = request.Text("method") ?? "GET",
            ["url"] = url.Replace("{{", "{", StringComparison.Ordinal).Replace("}}", "}", StringComparison.Ordinal).Replace("{.input.", "{", StringComparison.Ordinal),
            ["headers"] = Headers(request.Member("headers")),
        };
        var required = input.Member("required").Texts();
        plain["parameters"] = new JsonArray([.. input.Member("properties").Members().Select(JsonNode (p) => new JsonObject
        {
            ["name"] = p.Name,
            ["required"] = required.Contains(p.Name, StringComparer.Ordinal),
            ["schema"] = p.Value.IsObject() ? JsonObject.Create(p.Value) : new JsonObject(),
        })]);
        return JsonElement.Parse(plain.ToJsonString());
    }

    private static JsonObject Headers(JsonElement headers)
    {
        var found = new JsonObject();
        foreach (var item in headers.Items())
        {
            // A value from a Secret is no value here: credentials are configured at the source.
            if (item.Text("name") is { } name && (item.Text("value") ?? item.Member("value").Text("value")) is { } value)
            {
                found[name] = value;
            }
        }

        foreach (var member in headers.Members().Where(m => m.Value.Scalar() is not null))
        {
            found[member.Name] = member.Value.Scalar();
        }

        return found;
    }
}
