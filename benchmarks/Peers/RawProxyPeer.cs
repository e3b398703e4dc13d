using System.Net;

namespace ToolRuntime.Benchmarks.Peers;

/// <summary>What a pass-through can cost at least: Kestrel and SocketsHttpHandler that copy a POST and its answer, byte for byte, unread.</summary>
internal static class RawProxyPeer
{
    private static readonly string[] s_headers = ["Accept", "MCP-Protocol-Version", "Mcp-Session-Id", "Mcp-Method", "Mcp-Name"];

    /// <summary>Passes what comes on the loopback <paramref name="port"/> to the loopback <paramref name="upstream"/> until the process ends.</summary>
    public static async Task ServeAsync(int port, int upstream)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        using var client = new HttpMessageInvoker(new SocketsHttpHandler { AllowAutoRedirect = false, AutomaticDecompression = DecompressionMethods.None, UseCookies = false, UseProxy = false });
        await using var app = builder.Build();
        app.Run(async context =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"http://127.0.0.1:{upstream}{context.Request.Path}") { Content = new StreamContent(context.Request.Body) };
            request.Content.Headers.ContentLength = context.Request.ContentLength;
            request.Content.Headers.TryAddWithoutValidation("Content-Type", context.Request.ContentType);
            foreach (var name in s_headers)
            {
                if (context.Request.Headers.TryGetValue(name, out var value))
                {
                    request.Headers.TryAddWithoutValidation(name, (string?)value);
                }
            }

            using var response = await client.SendAsync(request, context.RequestAborted);
            context.Response.StatusCode = (int)response.StatusCode;
            context.Response.ContentType = response.Content.Headers.ContentType?.ToString();
            context.Response.ContentLength = response.Content.Headers.ContentLength;
            await response.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
        });
        await app.RunAsync();
    }
}
