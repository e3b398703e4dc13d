using System.Text;

using ToolRuntime.Benchmarks.Load;

namespace ToolRuntime.Benchmarks.Instances;

/// <summary>A session of MCP 2025-11-25, for the requests that only the older era has.</summary>
internal static class LegacySession
{
    private const string Revision = "2025-11-25";
    private const string Header = "Mcp-Session-Id";

    /// <summary>Opens a session on <c>/mcp</c> and gives its id.</summary>
    public static async Task<string> OpenAsync(int port)
    {
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        http.DefaultRequestHeaders.TryAddWithoutValidation("Accept", "application/json, text/event-stream");
        using var opened = await http.PostAsync("/mcp", Json($$$"""{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"{{{Revision}}}","capabilities":{},"clientInfo":{"name":"benchmark","version":"1"} }}"""));
        var session = opened.EnsureSuccessStatusCode().Headers.GetValues(Header).Single();
        http.DefaultRequestHeaders.Add(Header, session);
        using var ready = await http.PostAsync("/mcp", Json("""{"jsonrpc":"2.0","method":"notifications/initialized"}"""));
        return ready.IsSuccessStatusCode ? session : throw new InvalidOperationException($"initialized: {ready.StatusCode}");
    }

    /// <summary>A load of requests without parameters in a session.</summary>
    public static LoadSpec Load(int port, string method, string session) => new()
    {
        Port = port,
        Path = "/mcp",
        Headers = [$"{Header}: {session}", $"MCP-Protocol-Version: {Revision}"],
        Body = $$$"""{"jsonrpc":"2.0","id":1,"method":"{{{method}}}","params":{}}""",
    };

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");
}
