using System.Text.Json;

using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

using ToolRuntime.Bus;
using ToolRuntime.Bus.Pipes;
using ToolRuntime.Functions;
using ToolRuntime.Runtime.Building;
using ToolRuntime.Runtime.Calls;
using ToolRuntime.Runtime.Egress;
using ToolRuntime.Runtime.Live;
using ToolRuntime.Runtime.Sandboxes;
using ToolRuntime.Runtime.Sessions;
using ToolRuntime.Runtime.Volumes;
using ToolRuntime.Sandbox.Pools;
using ToolRuntime.Sandbox.Volumes;

namespace ToolRuntime.Runtime.Hosting;

/// <summary>One runtime in a process: takes invocations, runs them, answers for its sessions, and drains when it is stopped.</summary>
public sealed partial class RuntimeService : IHostedService, IAsyncDisposable
{
    private readonly RuntimeOptions _options;
    private readonly MessageBus _bus;
    private readonly TimeProvider _time;
    private readonly ILogger<RuntimeService> _logger;
    private readonly FunctionSandboxes _sandboxes;
    private readonly SessionClaims _claims;
    private readonly Adoptions _adoptions;
    private readonly WarmKeeper _warm;
    private readonly CacheKeeper _cache;
    private readonly DeliveryLoop _deliveries;
    private readonly McpPipes _pipes;
    private readonly LiveSandboxes? _live;
    private readonly SandboxVolumes _volumes;
    private readonly PackageBuilder _builder;
    private readonly CancellationTokenSource _taking = new();
    private readonly CancellationTokenSource _living = new();
    private readonly List<Task> _loops = [];
    private readonly List<IAsyncDisposable> _served = [];
    private Task _take = Task.CompletedTask;
    private bool _isStopped;

    /// <summary>Puts a runtime together; nothing starts before <see cref="StartAsync"/>.</summary>
    public RuntimeService(RuntimeOptions options, MessageBus bus, WarmPools pools, ILoggerFactory loggers, TimeProvider time)
    {
        (_options, _bus, _time) = (options, bus, time);
        _logger = loggers.CreateLogger<RuntimeService>();
        var egress = options.Live is { } known ? LiveEgress.ServicesOf(bus, known, time, loggers.CreateLogger<LiveEgress>()) : null;
        _volumes = new SandboxVolumes(options.Live is { Volumes: { } kept } folders ? new VolumeService(bus, VolumeStore.Open(kept, time), options.RuntimeId, LiveFolders.HomeOf(folders.Folder)) : null);
        var leases = new FunctionLeases(pools, _volumes, egress is null ? null : new ServerEgress(egress, bus.Logs));
        _sandboxes = new FunctionSandboxes(new SandboxBoot(leases, bus.Logs, new StoredSecrets(bus.Requests, time), time, options.LoadTimeout), time);
        _claims = new SessionClaims(bus.Owners, _sandboxes, options, time, loggers.CreateLogger<SessionClaims>());
        _adoptions = new Adoptions(bus.DeadOwners, _claims, options, time, loggers.CreateLogger<Adoptions>());
        _warm = new WarmKeeper(bus.Catalog, _sandboxes, pools, time, loggers.CreateLogger<WarmKeeper>());
        _cache = new CacheKeeper(_sandboxes, pools, options.CacheUnusedFor, time, loggers.CreateLogger<CacheKeeper>());
        _pipes = new McpPipes(bus, _sandboxes, _claims, time, loggers.CreateLogger<McpPipes>());
        _live = options.Live is { } live ? NewLive(live, egress!, pools, loggers) : null;
        _builder = new PackageBuilder(bus, new BuildSandbox(leases, bus.Logs, time, options.LoadTimeout), options.Build, time, loggers.CreateLogger<PackageBuilder>());
        var services = new CallServices(bus, _sandboxes, _claims, _builder.RunAsync, options, new CallClock(time, _logger));
        _deliveries = new DeliveryLoop(services, _logger);
    }

    /// <summary>What is missing of the functions that are to be warm; for <c>/readyz</c>.</summary>
    public Warmth Warmth => _warm.Warmth;

    /// <summary>Its state now.</summary>
    internal RuntimeStatus Status => RuntimeStatus.Of(_options, _deliveries.InFlight, _claims.Count, _sandboxes);

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await _volumes.StartAsync(cancellationToken);
        if (_live is not null)
        {
            await _live.StartAsync(cancellationToken);
            _loops.Add(Task.Run(() => _live.RunAsync(_living.Token), CancellationToken.None));
        }

        _loops.Add(Task.Run(() => _sandboxes.RunAsync(_living.Token), CancellationToken.None));
        _loops.Add(Task.Run(() => _claims.RunAsync(_living.Token), CancellationToken.None));
        _loops.Add(Task.Run(() => _adoptions.RunAsync(_taking.Token), CancellationToken.None));
        _loops.Add(Task.Run(() => _bus.Delayed.SweepAsync(_options.RuntimeId, _taking.Token), CancellationToken.None));
        _loops.Add(Task.Run(() => _warm.RunAsync(_living.Token), CancellationToken.None));
        _loops.Add(Task.Run(() => _cache.RunAsync(_living.Token), CancellationToken.None));
        _loops.Add(Task.Run(() => _pipes.RunAsync(_living.Token), CancellationToken.None));
        _served.Add(_bus.Requests.Serve(RuntimeStatus.RequestName, concurrency: 4, (_, _) => ValueTask.FromResult(Status.ToJson())));
        _served.Add(_bus.Requests.Serve(SessionEnd.RequestNameOf(_options.RuntimeId), concurrency: 4, EndSessionAsync));
        _served.Add(_bus.Pipes.Accept(_options.RuntimeId, AcceptAsync));
        _take = Task.Run(() => _deliveries.RunAsync(_taking.Token), CancellationToken.None);
        Started(_options.RuntimeId, string.Join(", ", _options.Pools));
    }

    /// <summary>Takes nothing more, gives back what has not begun, lets the rest end within the drain deadline, and ends the sandboxes.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        // A host that was told to shut down and is then disposed by its owner stops its services twice.
        if (Interlocked.Exchange(ref _isStopped, true))
        {
            return;
        }

        await _taking.CancelAsync();
        await _take;
        using (var deadline = new Deadline(_time, _options.DrainTimeout, cancellationToken))
        {
            await _deliveries.DrainAsync(deadline.Token);
        }

        foreach (var served in _served)
        {
            await served.DisposeAsync();
        }

        _served.Clear();
        await _living.CancelAsync();
        await Task.WhenAll(_loops);
        await _pipes.DisposeAsync();
        if (_live is not null)
        {
            await _live.DisposeAsync();
        }

        await _sandboxes.DisposeAsync();
        await _volumes.DisposeAsync();
        await _claims.ReleaseAllAsync(cancellationToken);
        Stopped(_options.RuntimeId);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _taking.Dispose();
        _living.Dispose();
        _builder.Dispose();
        return ValueTask.CompletedTask;
    }

    private LiveSandboxes NewLive(LiveOptions live, EgressServices services, WarmPools pools, ILoggerFactory loggers)
    {
        var mirrors = new MachineMirrors(_options.Build, image => pools.RecipeOf(image).Mirrors, _time);
        var egress = new LiveEgress(services, mirrors, _bus.Logs);
        pools.OnBooted = egress.BootedAsync;
        return new LiveSandboxes(_bus, (new LiveStates(pools, egress, _volumes, _time), _volumes), live, _options.RuntimeId, _time, loggers.CreateLogger<LiveSandboxes>());
    }

    private ValueTask<Stream> AcceptAsync(PipeAddress address, CancellationToken cancellationToken) => address.Target switch
    {
        PipeTarget.Agent when _live is { } live => live.OpenAsync(address, cancellationToken),
        PipeTarget.Volume => _volumes.OpenAsync(address, cancellationToken),
        _ => _pipes.AcceptAsync(address, cancellationToken),
    };

    private async ValueTask<ReadOnlyMemory<byte>> EndSessionAsync(ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        var end = JsonSerializer.Deserialize(request.Span, FunctionsJson.Default.SessionEnd) ?? throw new FunctionFaultException(FaultCode.Internal, "the request is empty");
        await _pipes.EndSessionAsync(end.Tenant, end.Session);
        await _sandboxes.EndSessionWhenFreeAsync(end.Tenant, end.Session);
        await _claims.ReleaseIfFreeAsync(end.Tenant, end.Session, cancellationToken);
        return "{}"u8.ToArray();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "runtime {Runtime} takes calls of {Pools}")]
    private partial void Started(string runtime, string pools);

    [LoggerMessage(Level = LogLevel.Information, Message = "runtime {Runtime} has stopped")]
    private partial void Stopped(string runtime);
}
