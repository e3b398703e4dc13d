using System.Text;
using System.Text.Json;

using ToolRuntime.OpenApi.Requests;

namespace ToolRuntime.Tests.Unit.OpenApi.Requests;

/// <summary>What one call of a document's only operation sends.</summary>
/// <param name="Request">The request.</param>
/// <param name="Body">Its body, a character for each byte; a multipart body with <c>B</c> for its boundary.</param>
internal sealed record Sent(ApiRequest Request, string Body)
{
    /// <summary>The body's type, with <c>B</c> for a boundary.</summary>
    public string Type => Request.Body!.ContentType.Replace(Boundary(Request), "B", StringComparison.Ordinal);

    /// <summary>Writes the request.</summary>
    public static async Task<Sent> OfAsync(string document, string arguments)
    {
        using var parsed = JsonDocument.Parse(arguments);
        var target = new UpstreamTarget { DocumentUrl = new Uri("http://api.example/openapi.json") };
        var request = await new RequestWriter(new RequestOptions()).WriteAsync(Read.Tools(document).Tools[0], parsed.RootElement, target, null, CancellationToken.None);
        using var written = new MemoryStream();
        if (request.Body is { } body)
        {
            await body.WriteAsync(written, CancellationToken.None);
        }

        return new(request, Encoding.Latin1.GetString(written.ToArray()).Replace(Boundary(request), "B", StringComparison.Ordinal));
    }

    /// <summary>The one part of a multipart body behind its name: its headers and its content.</summary>
    public string Part(string name)
    {
        var start = Body.IndexOf($"name=\"{name}\"", StringComparison.Ordinal);
        return Body[start..Body.IndexOf("\r\n--B", start, StringComparison.Ordinal)];
    }

    /// <summary>A document of one operation with a body.</summary>
    public static string Document(string media, string schema, string version = "3.0.3", string encoding = "{}", string components = "{}") => $$"""
        {"openapi":"{{version}}","info":{"title":"t","version":"1"},"paths":{"/a":{"post":{"operationId":"a","requestBody":{"required":true,"content":{
          "{{media}}":{"schema":{{schema}},"encoding":{{encoding}} } } },"responses":{} } } },"components":{"schemas":{{components}} } }
        """;

    /// <summary>The schema of an object with one property.</summary>
    public static string Object(string name, string schema) => $$"""{"type":"object","properties":{"{{name}}":{{schema}} } }""";

    private static string Boundary(ApiRequest request) =>
        request.Body?.ContentType.Split("boundary=") is [_, .., var boundary] ? boundary : "\uFFFF";
}
