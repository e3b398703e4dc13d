using System.Net;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

using ToolRuntime.Gateway.Catalog;
using ToolRuntime.Gateway.Http;
using ToolRuntime.Tests.Integration.Bus;

namespace ToolRuntime.Tests.Integration.Gateway;

/// <summary>A gateway that has just been started listens before it has read what is deployed.</summary>
public sealed class CatalogWaitTests
{
    [Fact]
    public async Task WhoAsksForToolsWaitsUntilTheyAreKnownAndOthersDoNot()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton(TimeProvider.System).AddSingleton<ToolCatalog>();
        await using var app = builder.Build();
        app.UseKnownCatalog();
        app.MapGet("/{**path}", () => "served");
        await app.StartAsync(BusServer.Deadline());
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.First()), Timeout = BusServer.Limit };

        var early = new[] { "/v1/tools/add", "/mcp", "/a2a/x" }.Select(path => http.GetAsync(path)).ToList();
        using var health = await http.GetAsync("/healthz");
        using var waited = await http.GetAsync("/v1/tools/add");
        var answers = await Task.WhenAll(early);
        app.Services.GetRequiredService<ToolCatalog>().SetCurrent();
        using var late = await http.GetAsync("/v1/tools/add");

        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
        Assert.All(answers.Append(waited), answer => Assert.Equal((HttpStatusCode.ServiceUnavailable, "1"), (answer.StatusCode, answer.Headers.RetryAfter!.ToString())));
        Assert.Equal("served", await late.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task WhoWaitedIsServedOnceTheToolsAreKnown()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton(TimeProvider.System).AddSingleton<ToolCatalog>();
        await using var app = builder.Build();
        var came = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        app.Use(next => context =>
        {
            came.TrySetResult();
            return next(context);
        });
        app.UseKnownCatalog();
        app.MapGet("/{**path}", () => "served");
        await app.StartAsync(BusServer.Deadline());
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.First()), Timeout = BusServer.Limit };

        var waiting = http.GetStringAsync("/v1/tools");
        await came.Task;
        Assert.False(waiting.IsCompleted);
        app.Services.GetRequiredService<ToolCatalog>().SetCurrent();
        Assert.Equal("served", await waiting);
    }
}
