using System.Collections.Concurrent;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ToolRuntime.Tests.Integration.OpenApi.Wire;

/// <summary>A server on loopback that writes down what it gets, octet for octet, and answers what it is told to.</summary>
internal sealed class RecordingUpstream : IAsyncDisposable
{
    private readonly WebApplication _application;

    private RecordingUpstream(WebApplication application) => _application = application;

    public string Origin { get; private set; } = "";

    public ConcurrentQueue<RecordedRequest> Requests { get; } = new();

    /// <summary>What it answers; 204 unless told otherwise.</summary>
    public Func<HttpContext, Task> Answer { get; set; } = context =>
    {
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    };

    public static async Task<RecordingUpstream> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(k =>
        {
            k.Limits.MaxRequestBodySize = null;
            k.Limits.MaxRequestLineSize = 64 * 1024;
        });
        var upstream = new RecordingUpstream(builder.Build());
        upstream._application.Run(upstream.TakeAsync);
        await upstream._application.StartAsync();
        upstream.Origin = upstream._application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return upstream;
    }

    public RecordedRequest Single()
    {
        Assert.True(Requests.TryDequeue(out var request), "nothing was sent");
        Assert.Empty(Requests);
        return request;
    }

    public async ValueTask DisposeAsync()
    {
        // A hanging answer must not hold the test's end.
        using var now = new CancellationTokenSource(0);
        await _application.StopAsync(now.Token);
        await _application.DisposeAsync();
    }

    private async Task TakeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var headers = context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        Requests.Enqueue(new(context.Request.Method, target, headers, body.ToArray()));
        await Answer(context);
    }
}
