using System.Collections.Concurrent;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ToolRuntime.Benchmarks.Peers;

/// <summary>What people build first: messages by name in memory, put by POST and asked for by GET every 100 ms.</summary>
internal static class PollingMailbox
{
    public static readonly TimeSpan Every = TimeSpan.FromMilliseconds(100);

    public static async Task<WebApplication> StartAsync(int port)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var boxes = new ConcurrentDictionary<string, ConcurrentQueue<string>>();
        app.MapPost("/{name}", async (string name, HttpRequest request) => boxes.GetOrAdd(name, _ => new()).Enqueue(await new StreamReader(request.Body).ReadToEndAsync()));
        app.MapGet("/{name}", (string name) => boxes.TryGetValue(name, out var box) && box.TryDequeue(out var message) ? Results.Text(message) : Results.NoContent());
        await app.StartAsync();
        return app;
    }
}
