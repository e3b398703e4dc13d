using System.Diagnostics;
using System.Text;

using ToolRuntime.Benchmarks.Load;

namespace ToolRuntime.Benchmarks.Instances;

/// <summary>MCP 2026-07-28 over streamable HTTP: single calls, and the same requests for the load generator.</summary>
internal sealed class McpCaller(int port) : IDisposable
{
    private const string Revision = "2026-07-28";
    private const string Meta = $$$"""{"io.modelcontextprotocol/protocolVersion":"{{{Revision}}}","io.modelcontextprotocol/clientCapabilities":{}}""";
    private readonly HttpClient _http = new() { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = TimeSpan.FromMinutes(5) };

    /// <summary>Calls a tool once; gives the whole answer and the time it took.</summary>
    public async Task<(string Answer, double Milliseconds)> CallAsync(string tool, string arguments)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/mcp") { Content = new StringContent(CallBody(tool, arguments), Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("Accept", "application/json, text/event-stream");
        foreach (var header in Headers("tools/call", tool))
        {
            var (name, value) = (header.Split(": ")[0], header.Split(": ")[1]);
            request.Headers.TryAddWithoutValidation(name, value);
        }

        var start = Stopwatch.GetTimestamp();
        using var response = await _http.SendAsync(request);
        var answer = await response.Content.ReadAsStringAsync();
        var time = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        return response.IsSuccessStatusCode && !answer.Contains("\"isError\":true", StringComparison.Ordinal)
            ? (answer, time)
            : throw new InvalidDataException($"{tool}: {(int)response.StatusCode} {answer}");
    }

    /// <summary>The list of tools at an endpoint, or the page of it at a cursor.</summary>
    public async Task<string> ListAsync(string path, string? cursor = null)
    {
        var body = RequestLoad("tools/list").Body;
        body = cursor is null ? body : body.Replace("\"params\":{", $"\"params\":{{\"cursor\":\"{cursor}\",", StringComparison.Ordinal);
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("Accept", "application/json, text/event-stream");
        request.Headers.TryAddWithoutValidation("MCP-Protocol-Version", Revision);
        request.Headers.TryAddWithoutValidation("Mcp-Method", "tools/list");
        using var response = await _http.SendAsync(request);
        return await response.Content.ReadAsStringAsync();
    }

    /// <summary>Calls a benchmark function with a random number and checks the answer.</summary>
    public async Task<double> CheckedCallAsync(string tool, Random random)
    {
        var number = random.Next();
        var (answer, time) = await CallAsync(tool, $$"""{"n":{{number}}}""");
        return answer.Contains($"m{Answers.Of(number)}m", StringComparison.Ordinal) ? time : throw new InvalidDataException($"{tool} of {number}: {answer}");
    }

    /// <summary>A load of calls of a benchmark function, each with a number of its own.</summary>
    public LoadSpec CallLoad(string tool) => Load("tools/call", tool, CallBody(tool, """{"n":@N@}""")) with { Expect = "m@M@m" };

    /// <summary>A load of requests without parameters.</summary>
    public LoadSpec RequestLoad(string method) => Load(method, null, $$$"""{"jsonrpc":"2.0","id":1,"method":"{{{method}}}","params":{"_meta":{{{Meta}}}}}""");

    public void Dispose() => _http.Dispose();

    private static string CallBody(string tool, string arguments) =>
        $$$"""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"{{{tool}}}","arguments":{{{arguments}}},"_meta":{{{Meta}}}}}""";

    private static string[] Headers(string method, string? tool) =>
        tool is null ? [$"MCP-Protocol-Version: {Revision}", $"Mcp-Method: {method}"] : [$"MCP-Protocol-Version: {Revision}", $"Mcp-Method: {method}", $"Mcp-Name: {tool}"];

    private LoadSpec Load(string method, string? tool, string body) => new() { Port = port, Path = "/mcp", Headers = Headers(method, tool), Body = body };
}
