using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

using ToolRuntime.Bus;
using ToolRuntime.Functions;
using ToolRuntime.Streams;
using ToolRuntime.Tests.Integration.Bus;

namespace ToolRuntime.Tests.Integration.Streams;

/// <summary>One replica of the streams' endpoint on Kestrel, over a bus connection of its own. The header X-Tenant names the tenant.</summary>
internal sealed class StreamGateway : IAsyncDisposable
{
    private readonly WebApplication _app;

    private StreamGateway(WebApplication app, MessageBus bus)
    {
        (_app, Bus) = (app, bus);
        Client = new HttpClient { BaseAddress = new Uri(new Uri(app.Urls.First()), "/v1/streams/"), Timeout = BusServer.Limit };
    }

    public MessageBus Bus { get; }

    public HttpClient Client { get; }

    public static async Task<StreamGateway> StartAsync(BusOptions options)
    {
        var bus = await BusServer.ConnectAsync(options);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton(TimeProvider.System).AddSingleton(bus.Streams).AddSingleton(bus.SessionStreams).AddStreams();
        builder.Services.AddSingleton<StreamCallerReader>(context => new StreamCaller(new Caller(context.Request.Headers["X-Tenant"].FirstOrDefault() ?? Caller.LocalTenant, "test", "test"), 200, ""));
        var app = builder.Build();
        app.MapStreams();
        await app.StartAsync();
        return new StreamGateway(app, bus);
    }

    /// <summary>Makes a stream of text.</summary>
    public async Task<string> CreateAsync(string? name = null)
    {
        name ??= Ids.New();
        using var made = await Client.PutAsync(name, Text(""));
        Assert.True(made.IsSuccessStatusCode, await made.Content.ReadAsStringAsync());
        return name;
    }

    /// <summary>Appends; with a producer where <paramref name="batch"/> is given.</summary>
    public async Task<HttpResponseMessage> AppendAsync(string name, string text, long? batch = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, name) { Content = Text(text) };
        if (batch is { } number)
        {
            request.Headers.Add("Producer-Id", "p");
            request.Headers.Add("Producer-Epoch", "0");
            request.Headers.Add("Producer-Seq", $"{number}");
        }

        return await Client.SendAsync(request);
    }

    public Task<HttpResponseMessage> ReadAsync(string name, string query = "offset=-1") => Client.GetAsync($"{name}?{query}");

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
        await Bus.DisposeAsync();
    }

    private static StringContent Text(string text) => new(text, new System.Net.Http.Headers.MediaTypeHeaderValue("text/plain"));
}
