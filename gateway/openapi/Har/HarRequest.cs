using System.Text;
using System.Text.Json;

using ToolRuntime.OpenApi.Documents;

namespace ToolRuntime.OpenApi.Har;

/// <summary>One recorded request with its response.</summary>
internal sealed record HarRequest(string Method, Uri Url, JsonElement Request, JsonElement Response)
{
    /// <summary>The response's media type without parameters.</summary>
    public string ResponseMedia { get; } = Bare(Response.Member("content").Text("mimeType"));

    /// <summary>The body's media type without parameters.</summary>
    public string RequestMedia { get; } = Bare(Request.Member("postData").Text("mimeType"));

    /// <summary>Null where the entry has no HTTP request.</summary>
    public static HarRequest? Of(JsonElement entry)
    {
        var request = entry.Member("request");
        return request.Text("method") is { Length: > 0 } method && method.All(char.IsAsciiLetter) && Uri.TryCreate(request.Text("url"), UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
            ? new HarRequest(method.ToUpperInvariant(), url, request, entry.Member("response"))
            : null;
    }

    /// <summary>The request's body as JSON, or undefined.</summary>
    public JsonElement RequestJson() => RequestMedia.Contains("json", StringComparison.OrdinalIgnoreCase) ? Parse(Request.Member("postData").Text("text")) : default;

    /// <summary>The response's body as JSON, or undefined.</summary>
    public JsonElement ResponseJson()
    {
        var content = Response.Member("content");
        if (!ResponseMedia.Contains("json", StringComparison.OrdinalIgnoreCase) || content.Text("text") is not { } text)
        {
            return default;
        }

        var buffer = new byte[text.Length];
        return content.Text("encoding") is "base64" ? (Convert.TryFromBase64String(text, buffer, out var count) ? Parse(Encoding.UTF8.GetString(buffer, 0, count)) : default) : Parse(text);
    }

    private static JsonElement Parse(string? text)
    {
        try
        {
            return text is null ? default : DocumentText.Parse(Lone.Mend(Encoding.UTF8.GetBytes(text)), new ReadOptions());
        }
        catch (ApiDocumentException)
        {
            return default;
        }
    }

    private static string Bare(string? media) => (media ?? "").Split(';')[0].Trim().ToLowerInvariant();
}
