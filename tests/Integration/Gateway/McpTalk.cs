using System.Net;
using System.Text;
using System.Text.Json;

using ToolRuntime.Tests.Integration.Bus;

namespace ToolRuntime.Tests.Integration.Gateway;

/// <summary>Requests to <c>/mcp</c> as they stand on the wire, of both eras.</summary>
internal static class McpTalk
{
    public const string Modern = "2026-07-28";

    /// <summary>A request of the stateless era; <paramref name="parameters"/> are members that end with a comma.</summary>
    public static HttpRequestMessage Stateless(string method, string parameters = "", string? name = null, string meta = "")
    {
        var body = $$$"""{"jsonrpc":"2.0","id":1,"method":"{{{method}}}","params":{{{{parameters}}}"_meta":{{{{meta}}}"io.modelcontextprotocol/protocolVersion":"{{{Modern}}}","io.modelcontextprotocol/clientCapabilities":{} } } }""";
        var request = Post(body);
        request.Headers.Add("MCP-Protocol-Version", Modern);
        request.Headers.Add("Mcp-Method", method);
        if (name is not null)
        {
            request.Headers.Add("Mcp-Name", name);
        }

        return request;
    }

    /// <summary>A message in a session of the older era.</summary>
    public static HttpRequestMessage InSession(string session, string body)
    {
        var request = Post(body);
        request.Headers.Add("Mcp-Session-Id", session);
        return request;
    }

    /// <summary>Begins a session of the older era; its id and the result.</summary>
    public static async Task<(string Session, JsonElement Result)> InitializeAsync(HttpClient http, string revision)
    {
        using var request = Post($$$"""{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"{{{revision}}}","capabilities":{},"clientInfo":{"name":"test","version":"1"} } }""");
        using var response = await http.SendAsync(request, BusServer.Deadline());
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var result = JsonElement.Parse(await response.Content.ReadAsStringAsync(BusServer.Deadline())).GetProperty("result");
        return (response.Headers.GetValues("Mcp-Session-Id").Single(), result);
    }

    /// <summary>Reads a stream until a line has <paramref name="text"/>; the id of the last event.</summary>
    public static async Task<string> UntilAsync(HttpResponseMessage response, string text)
    {
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(BusServer.Deadline()), leaveOpen: true);
        var id = "";
        while (await reader.ReadLineAsync(BusServer.Deadline()) is { } line)
        {
            id = line.StartsWith("id: ", StringComparison.Ordinal) ? line[4..] : id;
            if (line.Contains(text, StringComparison.Ordinal))
            {
                return id;
            }
        }

        throw new EndOfStreamException($"the stream ended before '{text}'");
    }

    private static HttpRequestMessage Post(string body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/mcp") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Accept.ParseAdd("application/json");
        request.Headers.Accept.ParseAdd("text/event-stream");
        return request;
    }
}
