using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

using ToolRuntime.Cli.Instances;
using ToolRuntime.Cli.Output;
using ToolRuntime.Cli.Stdio;
using ToolRuntime.Gateway;
using ToolRuntime.Gateway.Apis;
using ToolRuntime.Gateway.Catalog;

namespace ToolRuntime.Cli.Apis;

/// <summary>One API served by this process: on loopback or on standard input and output, without root, message server and sandboxes.</summary>
internal static class StandaloneServer
{
    private const int DefaultPort = 7071;

    public static async Task<int> RunAsync(ParseResult arguments, string source, (bool Stdio, int? Port) face, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var interrupt = OnSignal(PosixSignal.SIGINT, end);
        using var terminate = OnSignal(PosixSignal.SIGTERM, end);
        var folder = Directory.CreateTempSubdirectory("toolrt-api-").FullName;
        try
        {
            // The document is read while the server is put together: either takes about as long.
            var live = new LiveApi(arguments, source);
            var reading = Task.Run(() => live.ReadAsync(end.Token), end.Token);
            await using var app = Build(folder, face.Stdio ? 0 : face.Port ?? FreePort());
            var (catalog, services) = (app.Services.GetRequiredService<ToolCatalog>(), app.Services.GetRequiredService<ApiServices>());
            await live.ServeAsync(catalog, await reading, services, end.Token);
            await app.StartAsync(end.Token);
            var url = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
            var following = live.FollowAsync(catalog, services, end.Token);
            await (face.Stdio ? BridgeAsync(url, end.Token) : WaitAsync(live, url, end.Token));
            await end.CancelAsync();
            await following;
            await app.StopAsync(CancellationToken.None);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // Told to end while it started.
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        return ExitCodes.Done;
    }

    private static WebApplication Build(string folder, int port)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning).SetMinimumLevel(LogLevel.Warning);
        builder.Logging.AddSimpleConsole(console => console.SingleLine = true);
        builder.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Services.AddRoutingCore().AddFaces(new GatewayOptions { DataFolder = folder }).AddSingleton<IHostLifetime, NoLifetime>();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        var app = builder.Build();
        app.UseRouting();
        app.MapFaces();
        app.UseEndpoints(static _ => { });
        return app;
    }

    private static int FreePort()
    {
        try
        {
            using var probe = new TcpListener(IPAddress.Loopback, DefaultPort);
            probe.Start();
            return DefaultPort;
        }
        catch (SocketException)
        {
            return 0;
        }
    }

    private static async Task BridgeAsync(Uri url, CancellationToken cancellationToken)
    {
        using var client = new AdminClient(url, null);
        using var bridge = new StdioBridge(client, Console.OpenStandardOutput());
        using var input = new StreamReader(Console.OpenStandardInput());
        await bridge.RunAsync(input, cancellationToken);
    }

    private static async Task WaitAsync(LiveApi live, Uri url, CancellationToken cancellationToken)
    {
        await Console.Out.WriteLineAsync($$"""
            {{live.Summary}}

              MCP endpoint   {{new Uri(url, "/mcp")}}
              plain HTTP     {{new Uri(url, "/v1/tools")}}
              Inspector      npx @modelcontextprotocol/inspector --cli {{new Uri(url, "/mcp")}} --transport http --method tools/list

            Ctrl-C ends it.
            """);
        await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static PosixSignalRegistration OnSignal(PosixSignal signal, CancellationTokenSource end) =>
        PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            end.Cancel();
        });

    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
