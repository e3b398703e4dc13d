using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

using ToolRuntime.Bus;
using ToolRuntime.Bus.Nats.Server;
using ToolRuntime.Functions;
using ToolRuntime.Gateway;
using ToolRuntime.Gateway.Auth;
using ToolRuntime.Tests.Integration.Bus;

namespace ToolRuntime.Tests.Integration.Gateway;

/// <summary>A gateway on Kestrel over a real bus, with a tenant of functions that the test peer answers.</summary>
public sealed class GatewayInstance : IAsyncDisposable
{
    private const string Token = "test-token-of-the-management-api";
    private readonly WebApplication _app;
    private readonly MessageBus _bus;
    private readonly NatsServerProcess _server;
    private readonly string _folder;

    private GatewayInstance(WebApplication app, MessageBus bus, NatsServerProcess server, string folder)
    {
        (_app, _bus, _server, _folder) = (app, bus, server, folder);
        Address = new Uri(app.Urls.First());
        Client = new HttpClient { BaseAddress = Address, Timeout = BusServer.Limit };
        Admin = new HttpClient { BaseAddress = Address, Timeout = BusServer.Limit };
        Admin.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        Peer = new PeerRuntime(bus);
    }

    public Uri Address { get; }

    public HttpClient Client { get; }

    public HttpClient Admin { get; }

    public PeerRuntime Peer { get; }

    public MessageBus Bus => _bus;

    public IServiceProvider Services => _app.Services;

    /// <summary>Starts a gateway with a nats-server of its own: on a shared one the peers would take each other's calls.</summary>
    public static async Task<GatewayInstance> StartAsync(Func<AuthOptions, AuthOptions>? change = null, bool hasStateTools = false)
    {
        var folder = Directory.CreateTempSubdirectory("toolrt-gateway-").FullName;
        var server = await NatsServerProcess.StartAsync(new NatsServerOptions { Folder = Path.Combine(folder, "nats") }, NullLoggerFactory.Instance, TimeProvider.System, BusServer.Deadline());
        try
        {
            return await StartAsync(server, folder, change, hasStateTools);
        }
        catch
        {
            // Nobody disposes what did not begin.
            await server.DisposeAsync();
            throw;
        }
    }

    private static async Task<GatewayInstance> StartAsync(NatsServerProcess server, string folder, Func<AuthOptions, AuthOptions>? change, bool hasStateTools)
    {
        var tokenFile = Path.Combine(folder, "admin.token");
        SecretFile.Write(tokenFile, Encoding.UTF8.GetBytes(Token));
        var bus = await BusServer.ConnectAsync(server.Bus);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton(bus);
        var auth = new AuthOptions { AdminTokenFile = tokenFile };
        builder.Services.AddGateway(new GatewayOptions { DataFolder = folder, HasSandboxTools = false, HasStateTools = hasStateTools, Auth = change is null ? auth : change(auth) });
        var app = builder.Build();
        app.MapGateway();
        await app.StartAsync();
        return new GatewayInstance(app, bus, server, folder);
    }

    /// <summary>Deploys a function through the management API; the peer stands in for the build.</summary>
    public Task DeployAsync(string name, params ToolDefinition[] tools) => DeployForAsync(Caller.LocalTenant, name, tools);

    /// <summary>The same for a tenant.</summary>
    public async Task DeployForAsync(string tenant, string name, params ToolDefinition[] tools)
    {
        Peer.Functions[BuildRequest.FunctionName] = call =>
        {
            var version = new FunctionVersion
            {
                Digest = Ids.New(),
                Tenant = call.Invocation.Caller.Tenant,
                Manifest = new FunctionManifest { Name = name, Language = FunctionLanguage.Python },
                Tools = tools,
                Layers = [],
                CreatedAt = TimeProvider.System.GetUtcNow(),
            };
            return Task.FromResult($$"""{"value":{{JsonSerializer.Serialize(new BuildResult(version, []), FunctionsJson.Default.BuildResult)}}}""");
        };
        using var package = new ByteArrayContent(Encoding.UTF8.GetBytes(name)) { Headers = { ContentType = new MediaTypeHeaderValue("application/x-tar") } };
        using var response = await Admin.PostAsync($"/admin/functions?name={name}&tenant={tenant}", package);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }

    /// <summary>Deploys a function of one tool and lets the peer answer it.</summary>
    public async Task DeployAsync(string tool, PeerFunction function, string input = """{"type":"object"}""", string? output = null)
    {
        Peer.Functions[tool] = function;
        await DeployAsync(tool, new ToolDefinition
        {
            Name = tool,
            Description = $"The tool {tool}.",
            InputSchema = JsonElement.Parse(input),
            OutputSchema = output is null ? null : JsonElement.Parse(output),
        });
    }

    /// <summary>The message server ends, and does not come back.</summary>
    public ValueTask StopBusAsync() => _server.DisposeAsync();

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        Admin.Dispose();
        await Peer.DisposeAsync();
        await _app.DisposeAsync();
        await _bus.DisposeAsync();
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
