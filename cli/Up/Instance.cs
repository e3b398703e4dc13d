using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

using ToolRuntime.Cli.Instances;
using ToolRuntime.E2b.Http;
using ToolRuntime.Gateway;
using ToolRuntime.Gateway.Http;
using ToolRuntime.Runtime.Hosting;
using ToolRuntime.Sandbox.Pools;

namespace ToolRuntime.Cli.Up;

/// <summary>All parts of one process, started in the order in which they need each other and ended in the reverse one.</summary>
internal sealed class Instance : IAsyncDisposable
{
    private readonly Stack<IAsyncDisposable> _parts = new();
    private WebApplication? _app;

    /// <summary>Its message server, known once it has started.</summary>
    public NatsAddress? Nats { get; private set; }

    public static async Task<Instance> StartAsync(DataFolder folder, UpOptions options, HostSettings settings, IProgress<string> steps, CancellationToken cancellationToken)
    {
        var instance = new Instance();
        try
        {
            await instance.ComposeAsync(new Composition(folder, options, settings), steps, cancellationToken);
            return instance;
        }
        catch
        {
            await instance.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends when the token does, or when the web server ends by itself.</summary>
    public async Task EndedAsync(CancellationToken cancellationToken)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var asked = cancellationToken.UnsafeRegister(_ => ended.TrySetResult(), null);
        await using var stopped = _app!.Lifetime.ApplicationStopping.UnsafeRegister(_ => ended.TrySetResult(), null);
        await ended.Task;
    }

    /// <summary>Ends every part; one that cannot end does not keep the others from it.</summary>
    public async ValueTask DisposeAsync()
    {
        var failures = new List<Exception>();
        if (_app is { } app)
        {
            await AttemptAsync(() => app.StopAsync(CancellationToken.None), failures);
            await AttemptAsync(() => app.DisposeAsync().AsTask(), failures);
        }

        while (_parts.TryPop(out var part))
        {
            await AttemptAsync(() => part.DisposeAsync().AsTask(), failures);
        }

        if (failures.Count > 0)
        {
            throw new AggregateException("not every part ended cleanly", failures);
        }
    }

    private static async Task AttemptAsync(Func<Task> end, List<Exception> failures)
    {
        try
        {
            await end();
        }
        catch (Exception error)
        {
            // The rim of the process: whatever it was, mounts and children of the other parts must still go.
            failures.Add(error);
        }
    }

    private async Task ComposeAsync(Composition composition, IProgress<string> steps, CancellationToken cancellationToken)
    {
        var builder = EmptyBuilder();
        composition.ConfigureLogging(builder.Logging);
        using var loggers = LoggerFactory.Create(composition.ConfigureLogging);
        steps.Report("starting the message server");
        var bus = await composition.ConnectBusAsync(loggers, _parts.Push, cancellationToken);
        Nats = composition.Nats;
        builder.Services.AddSingleton(bus).AddSingleton(TimeProvider.System).AddSingleton<IHostLifetime, SilentLifetime>();
        if (composition.HasRuntime)
        {
            var pools = await WarmPools.StartAsync(composition.Sandbox, Composition.MakeLayers(bus), loggers, TimeProvider.System, steps, cancellationToken);
            _parts.Push(pools);
            builder.Services.AddSingleton(pools).AddRuntime(composition.Runtime).AddWarmChecks();
        }

        if (composition.HasGateway)
        {
            builder.Services.AddGateway(composition.Gateway);
        }
        else
        {
            builder.Services.AddSingleton<Readiness>();
        }

        composition.Listen(builder.WebHost);
        steps.Report(composition.HasGateway ? "starting the gateway" : "starting the runtime");
        _app = builder.Build();
        if (composition.HasGateway)
        {
            _app.UseSandboxes();
            _app.UseKnownCatalog();
            _app.MapGateway();
        }
        else
        {
            _app.MapGet("/healthz", Readiness.HealthAsync);
            _app.MapGet("/readyz", _app.Services.GetRequiredService<Readiness>().ReadyAsync);
        }

        await _app.StartAsync(cancellationToken);
    }

    /// <summary>
    /// Without the settings files that .NET's own builders read: host.json is the one configuration, and to notice their change they watch
    /// every file below the folder that the command was given in, which may be a whole home, or hold the data folder.
    /// </summary>
    private static WebApplicationBuilder EmptyBuilder()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore();

        // A request is read, handed on and answered without a change of threads; nothing on its way blocks.
        builder.Services.Configure<SocketTransportOptions>(sockets => sockets.UnsafePreferInlineScheduling = true);
        return builder;
    }

    /// <summary>The command handles signals itself, so that a start that is interrupted also ends cleanly.</summary>
    private sealed class SilentLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
