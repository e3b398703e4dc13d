using System.Text.Json;

namespace ToolRuntime.Benchmarks.Peers;

/// <summary>An MCP server of 2026-07-28 on Kestrel that does next to nothing: its one tool computes <see cref="Load.Answers.Of"/>.</summary>
internal static class McpServerPeer
{
    private const string Tool = """{"name":"mix","description":"Computes.","inputSchema":{"type":"object","properties":{"n":{"type":"integer"}},"required":["n"]}}""";

    /// <summary>Serves on the loopback <paramref name="port"/> until the process ends.</summary>
    public static async Task ServeAsync(int port)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        await using var app = builder.Build();
        app.MapPost("/mcp", async context =>
        {
            using var message = await JsonDocument.ParseAsync(context.Request.Body);
            var result = message.RootElement.GetProperty("method").GetString() switch
            {
                "server/discover" => """{"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{"tools":{}},"ttlMs":0,"cacheScope":"private"}""",
                "tools/list" => $$"""{"resultType":"complete","tools":[{{Tool}}],"ttlMs":0,"cacheScope":"private"}""",
                _ => Computed(message.RootElement.GetProperty("params").GetProperty("arguments").GetProperty("n").GetInt64()),
            };
            var answer = System.Text.Encoding.UTF8.GetBytes($$"""{"jsonrpc":"2.0","id":{{message.RootElement.GetProperty("id").GetRawText()}},"result":{{result}}}""");
            context.Response.ContentType = "application/json";
            context.Response.ContentLength = answer.Length;
            await context.Response.BodyWriter.WriteAsync(answer);
        });
        await app.RunAsync();
    }

    private static string Computed(long n) => $$$"""{"resultType":"complete","content":[{"type":"text","text":"m{{{Load.Answers.Of(n)}}}m"}]}""";
}
