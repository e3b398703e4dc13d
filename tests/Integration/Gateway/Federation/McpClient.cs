using System.Net;
using System.Text;
using System.Text.Json;

using ToolRuntime.Tests.Integration.Bus;

namespace ToolRuntime.Tests.Integration.Gateway.Federation;

/// <summary>The least of an MCP client of either era against one endpoint of a gateway: raw messages in and out.</summary>
public sealed class McpClient(GatewayInstance gateway, string path = "/mcp", bool isModern = true)
{
    private string? _session;
    private int _id;

    /// <summary>What the client says that it can.</summary>
    public string Capabilities { get; init; } = """{"elicitation":{"form":{}}}""";

    public static McpClient Legacy(GatewayInstance gateway, string path = "/mcp") => new(gateway, path, isModern: false);

    /// <summary>Asks, and gives the whole answer; a stream's last message.</summary>
    public async Task<JsonElement> AskAsync(string method, string parameters = "{}", Func<JsonElement, Task>? heard = null)
    {
        if (!isModern && _session is null && method != "initialize")
        {
            await AskAsync("initialize", $$$"""{"protocolVersion":"2025-11-25","capabilities":{{{Capabilities}}},"clientInfo":{"name":"test","version":"1"}}""");
        }

        using var request = Request(method, parameters);
        using var response = await gateway.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, BusServer.Deadline());
        if (response.Headers.TryGetValues("Mcp-Session-Id", out var sessions))
        {
            _session = sessions.Single();
        }

        if (response.Content.Headers.ContentType?.MediaType != "text/event-stream")
        {
            return JsonElement.Parse(await response.Content.ReadAsStringAsync());
        }

        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        while (await reader.ReadLineAsync(BusServer.Deadline()) is { } line)
        {
            if (!line.StartsWith("data: {", StringComparison.Ordinal))
            {
                continue;
            }

            var message = JsonElement.Parse(line[6..]);
            if (!message.TryGetProperty("method", out _))
            {
                return message;
            }

            await (heard?.Invoke(message) ?? Task.CompletedTask);
        }

        throw new InvalidOperationException("the stream ended without an answer");
    }

    public async Task<JsonElement> ResultAsync(string method, string parameters = "{}", Func<JsonElement, Task>? heard = null)
    {
        var answer = await AskAsync(method, parameters, heard);
        return answer.TryGetProperty("result", out var result) ? result : throw new InvalidOperationException(answer.GetRawText());
    }

    public Task<JsonElement> CallAsync(string tool, string arguments = "{}", string more = "", Func<JsonElement, Task>? heard = null) =>
        ResultAsync("tools/call", $$"""{"name":"{{tool}}","arguments":{{arguments}}{{more}}}""", heard);

    public async Task<IReadOnlyList<string>> ToolsAsync() =>
        [.. (await ResultAsync("tools/list")).GetProperty("tools").EnumerateArray().Select(t => t.GetProperty("name").GetString()!)];

    /// <summary>Posts an answer of an older client.</summary>
    public async Task AnswerAsync(JsonElement id, string result)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = Json($$"""{"jsonrpc":"2.0","id":{{id.GetRawText()}},"result":{{result}}}""") };
        request.Headers.Add("Mcp-Session-Id", _session);
        using var response = await gateway.Client.SendAsync(request, BusServer.Deadline());
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
    }

    /// <summary>The first note of a method that comes while listening; <paramref name="then"/> runs once the stream is open.</summary>
    public async Task<JsonElement> HearAsync(string method, Func<Task> then)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = Json($$$"""{"jsonrpc":"2.0","id":99,"method":"subscriptions/listen","params":{"notifications":{"toolsListChanged":true},"_meta":{{{Meta}}}}}"""),
        };
        request.Headers.Add("MCP-Protocol-Version", "2026-07-28");
        request.Headers.Add("Mcp-Method", "subscriptions/listen");
        using var response = await gateway.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, BusServer.Deadline());
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        while (await reader.ReadLineAsync(BusServer.Deadline()) is { } line)
        {
            if (line.Contains("subscriptions/acknowledged", StringComparison.Ordinal))
            {
                await then();
            }
            else if (line.Contains($"\"{method}\"", StringComparison.Ordinal))
            {
                return JsonElement.Parse(line[6..]);
            }
        }

        throw new InvalidOperationException("the stream ended first");
    }

    private string Meta => $$"""{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{{Capabilities}},"progressToken":"p"}""";

    private HttpRequestMessage Request(string method, string parameters)
    {
        var all = isModern
            ? parameters.Length > 2 ? $"{parameters[..^1]},\"_meta\":{Meta}}}" : $"{{\"_meta\":{Meta}}}"
            : parameters.Length > 2 && method != "initialize" ? $"{parameters[..^1]},\"_meta\":{{\"progressToken\":\"p\"}}}}" : parameters;
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = Json($$"""{"jsonrpc":"2.0","id":{{++_id}},"method":"{{method}}","params":{{all}}}""") };
        request.Headers.Accept.ParseAdd("application/json");
        request.Headers.Accept.ParseAdd("text/event-stream");
        if (!isModern)
        {
            if (_session is not null)
            {
                request.Headers.Add("Mcp-Session-Id", _session);
            }

            return request;
        }

        request.Headers.Add("MCP-Protocol-Version", "2026-07-28");
        request.Headers.Add("Mcp-Method", method);
        var said = JsonElement.Parse(parameters);
        if (method is "tools/call" or "prompts/get" or "resources/read" && (said.TryGetProperty("name", out var name) || said.TryGetProperty("uri", out name)))
        {
            request.Headers.Add("Mcp-Name", name.GetString());
        }

        return request;
    }

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");
}
