using System.Text.Json;

using ToolRuntime.Benchmarks.Load;

namespace ToolRuntime.Benchmarks.Peers;

/// <summary>An HTTP API with one operation, whose answer depends on its argument: what converted calls call, and what they are set against.</summary>
internal static class ApiPeer
{
    /// <summary>Its document.</summary>
    public static string Document(int port) => $$"""
        {"openapi":"3.0.3","info":{"title":"Mix","version":"1"},"servers":[{"url":"http://127.0.0.1:{{port}}"}],"paths":{"/mix":{"post":{"operationId":"mix","summary":"Mixes a number",
        "requestBody":{"required":true,"content":{"application/json":{"schema":{"type":"object","required":["n"],"properties":{"n":{"type":"integer"} } } } } },
        "responses":{"200":{"description":"ok","content":{"application/json":{"schema":{"type":"object","properties":{"value":{"type":"string"} } } } } } } } } } }
        """;

    /// <summary>Answers on the loopback <paramref name="port"/> until the process ends.</summary>
    public static async Task ServeAsync(int port)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        await using var app = builder.Build();
        app.Run(async context =>
        {
            using var body = await JsonDocument.ParseAsync(context.Request.Body);
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync($$"""{"value":"m{{Answers.Of(body.RootElement.GetProperty("n").GetInt64())}}m"}""");
        });
        await app.RunAsync();
    }
}
