using Microsoft.Extensions.Logging;

using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Agent;
using ToolRuntime.Sandbox.Docker;
using ToolRuntime.Sandbox.Images;
using ToolRuntime.Sandbox.Protocol;
using ToolRuntime.Sandbox.Runsc;

namespace ToolRuntime.Sandbox.Pools;

/// <summary>
/// The warm pools of one runtime: booted sandboxes with resident workers. A lease takes one; the replacement is made in
/// the background. The way of a lease (step 5 of a call): 5a its layers are on disk; 5b a warm sandbox is taken, or waited
/// for in turn; 5c its limits are rewritten; 5d its layers and volumes are mounted; 5e it is handed over.
/// </summary>
public sealed partial class WarmPools : IAsyncDisposable
{
    /// <summary>The image that stands ready before an instance takes calls.</summary>
    public const string BaseImage = "base";

    private static readonly TimeSpan _longestTick = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly Dictionary<PoolKey, Pool> _pools = [];
    private readonly HashSet<WarmSandbox> _leased = [];
    private readonly HashSet<Task> _background = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly RunscBackend _backend;
    private readonly DockerBackend? _docker;
    private readonly SandboxBooter _booter;
    private readonly CheckpointPlace _place;
    private readonly SandboxSuspender _suspender;
    private readonly LayerCache _layers;
    private readonly ImageStore _images;
    private readonly PoolRules _rules;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ITimer _tick;
    private readonly ITimer _calm;
    private readonly RestWatch _rests;
    private int _ending;

    private WarmPools((RunscBackend Runsc, DockerBackend? Docker) backends, (LayerCache Layers, ImageStore Images) cache, SandboxOptions options, (TimeProvider Time, ILogger Logger) rim, IProgress<string> progress)
    {
        var (time, logger) = rim;
        var backend = backends.Runsc;
        (_backend, _docker) = backends;
        (_layers, _images) = cache;
        _place = new CheckpointPlace(backend);
        _suspender = new SandboxSuspender(backend, _place, time);
        _booter = new SandboxBooter(backend, (_place, new SandboxTemplates(_place, _suspender, options, time)), _images, progress, time) { Docker = backends.Docker };
        _rules = new PoolRules(options.MaximumSandboxes, options.WarmTarget, options.WarmIdle);
        _time = time;
        _rests = new RestWatch(time);
        _logger = logger;
        var tick = options.WarmIdle / 4 < _longestTick ? options.WarmIdle / 4 : _longestTick;
        _tick = time.CreateTimer(_ => Resize(), null, tick, tick);
        _calm = time.CreateTimer(_ => Resize(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Checks the machine, gets runsc and the images that are missing (reporting steps to <paramref name="progress"/>), sweeps what a crashed process left.</summary>
    /// <exception cref="SandboxSetupException">The machine cannot run sandboxes; the message says how to mend it.</exception>
    public static async ValueTask<WarmPools> StartAsync(SandboxOptions options, LayerCache layers, ILoggerFactory loggers, TimeProvider time, IProgress<string> progress, CancellationToken cancellationToken)
    {
        var logger = loggers.CreateLogger<WarmPools>();
        var binary = await RunscLocator.LocateAsync(options, time, progress, cancellationToken);
        if (!binary.IsNewEnough)
        {
            LogOldRunsc(logger, binary.Path, string.Join(", ", binary.Shortcomings));
        }

        var platform = await PlatformProbe.ChooseAsync(options, binary, progress, time, cancellationToken);
        var backend = await RunscBackend.StartAsync(options, binary, platform, logger, time);
        var images = new ImageStore(options.RecipeFolder, options.CacheFolder, time) { KernelFolder = options.KernelFolder, ToolsFolder = binary.HasErofs ? backend.ToolsFolder : null };
        try
        {
            await images.EnsureAsync(BaseImage, progress, cancellationToken);
            var docker = options.Docker is { } engine ? await DockerBackend.StartAsync(engine, backend.ToolsFolder, backend.Layout.Instance, cancellationToken) : null;
            LogStarted(logger, binary.Path, platform);
            return new WarmPools((backend, docker), (layers, images), options, (time, logger), progress);
        }
        catch
        {
            images.Dispose();
            await backend.DisposeAsync();
            throw;
        }
    }

    /// <summary>Leases a sandbox. <paramref name="waiting"/> is told the place while none is free.</summary>
    /// <exception cref="FunctionFaultException">PoolExhausted when the token ends first; SandboxLost when none can be booted.</exception>
    public async ValueTask<ISandboxLease> LeaseAsync(LeaseRequest request, IProgress<WaitingPlace>? waiting, CancellationToken cancellationToken)
    {
        var folders = new string[request.Layers.Count];
        for (var i = 0; i < folders.Length; i++)
        {
            folders[i] = await _layers.EnsureAsync(request.Tenant, request.Layers[i], cancellationToken); // 5a
        }

        var copies = LayerCopy.Fits(request.Layers) && !folders.Any(LayerCopy.HasLink);
        var shape = BootShape.Of(request.Kind, request.Limits, copies, request.Volumes.Count > 0);
        var sandbox = await TakeAsync(() => PoolOf(shape, request.IsFresh), waiting, cancellationToken); // 5b
        try
        {
            if (SandboxLimits.AtLease(request.Limits) is var limits && limits != SandboxLimits.AtBoot(sandbox.Shape))
            {
                sandbox.Sandbox.SetLimits(limits); // 5c
            }

            for (var i = 0; i < folders.Length; i++)
            {
                await sandbox.AddLayerAsync(folders[i], request.Layers[i].MountName, cancellationToken); // 5d
            }

            await sandbox.AddVolumesAsync(request.Volumes, areMounted: false, cancellationToken);
            return Lease(sandbox, new LeaseTerms(request.Tenant, request.Limits, request.Layers), request.Rests); // 5e
        }
        catch (Exception error) when (error is OperationCanceledException or FunctionFaultException)
        {
            await ReleaseAsync(sandbox);
            throw;
        }
        catch (Exception error) when (error is IOException or AgentException or InvalidDataException)
        {
            await ReleaseAsync(sandbox);
            throw new FunctionFaultException(new FunctionFault(FaultCode.SandboxLost, $"a sandbox could not be prepared: {error.Message}", "run toolrt doctor"), error);
        }
    }

    /// <summary>How long what is warm stays without demand.</summary>
    public TimeSpan WarmIdle => _rules.WarmIdle;

    /// <summary>The recipe of an image as it stands now.</summary>
    /// <exception cref="SandboxSetupException">There is none.</exception>
    public ImageRecipe RecipeOf(string image) => _images.RecipeOf(image);

    /// <summary>
    /// What is done last with each sandbox that is made warm, before it is anybody's, so that no lease waits for it; nothing of it gets into the snapshots
    /// that others share. One that fails is ended.
    /// </summary>
    public Func<PoolKind, AgentClient, CancellationToken, Task>? OnBooted
    {
        get => _booter.OnBooted;
        set => _booter.OnBooted = value;
    }

    /// <summary>Whether there is such an image: a recipe's, or one that a Docker Engine is asked for.</summary>
    public bool Has(string image) => IsOfDocker(image) || _images.Has(image);

    /// <summary>Whether an image is a Docker Engine's, and none of a recipe.</summary>
    public static bool IsOfDocker(string image) => image.StartsWith(DockerBackend.ImagePrefix, StringComparison.Ordinal);

    /// <summary>Whether any are kept warm while there is demand.</summary>
    public bool KeepsWarm => _rules.WarmTarget > 0;

    /// <summary>Says that calls of this kind under the default limits are to be expected, so that one gets warm.</summary>
    public void Expect(PoolKind kind) => Expect(kind, new FunctionLimits(), []);

    /// <summary>Says that calls of this kind under these limits and with these layers are to be expected, so that one gets warm.</summary>
    public void Expect(PoolKind kind, FunctionLimits limits, IReadOnlyList<LayerReference> layers)
    {
        lock (_gate)
        {
            PoolOf(BootShape.Of(kind, limits, LayerCopy.Fits(layers))).LastDemand = _time.GetUtcNow();
        }

        Resize();
    }

    /// <summary>
    /// Says what of the shared cache this runtime goes on using, <paramref name="layers"/> and the images of its recipes, and removes what no
    /// runtime has used for <paramref name="unusedFor"/> (at least two hours). Returns the folders that went. Call it every hour.
    /// </summary>
    public async Task<IReadOnlyList<string>> CollectCacheAsync(IEnumerable<(string Tenant, LayerReference Layer)> layers, TimeSpan unusedFor, CancellationToken cancellationToken)
    {
        foreach (var (tenant, layer) in layers)
        {
            await _layers.EnsureAsync(tenant, layer, cancellationToken);
        }

        var now = _time.GetUtcNow();
        return [.. await _layers.CollectAsync(unusedFor, now, cancellationToken), .. await _images.CollectAsync(unusedFor, now, cancellationToken)];
    }

    /// <summary>How many warm ones of a kind stand free now.</summary>
    public int WarmCount(PoolKind kind)
    {
        lock (_gate)
        {
            return _pools.Values.Where(pool => pool.Shape.Kind == BootShape.Normalise(kind)).Sum(pool => pool.Warm);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _tick.DisposeAsync();
        await _calm.DisposeAsync();
        await _rests.DisposeAsync();
        Task[] background;
        WarmSandbox[] live;
        lock (_gate)
        {
            foreach (var waiter in _pools.Values.SelectMany(pool => pool.Waiting))
            {
                waiter.Sandbox.TrySetException(Stopped());
            }

            live = [.. _leased];
            background = [.. _background];
        }

        // No task of the background is added once the token has ended; those there end for it, and take their sandboxes along.
        await Task.WhenAll(background);
        lock (_gate)
        {
            live = [.. live, .. _pools.Values.SelectMany(TakeAll)];
        }

        await Task.WhenAll(live.Select(sandbox => sandbox.DisposeAsync().AsTask()));
        await _backend.DisposeAsync();
        if (_docker is not null)
        {
            await _docker.DisposeAsync();
        }

        _booter.Dispose();
        _stopping.Dispose();
    }

    private static IEnumerable<WarmSandbox> TakeAll(Pool pool)
    {
        while (pool.Take() is { } sandbox)
        {
            yield return sandbox;
        }
    }

    private static FunctionFaultException Stopped() =>
        new(FaultCode.SandboxLost, "the runtime is stopping", "call again: another runtime will take it");

    private async ValueTask<WarmSandbox> TakeAsync(Func<Pool> find, IProgress<WaitingPlace>? place, CancellationToken cancellationToken)
    {
        PoolWaiter waiter;
        LinkedListNode<PoolWaiter> queued;
        Pool pool;
        WarmSandbox? taken;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_stopping.IsCancellationRequested, this);
            pool = find();
            pool.LastDemand = pool.IsKept ? _time.GetUtcNow() : null;
            HoldSpares(pool, _time.GetUtcNow());
            taken = pool.Take();
            if (taken is not null)
            {
                _leased.Add(taken);
            }

            waiter = new PoolWaiter(place);
            queued = taken is null ? pool.Enqueue(waiter) : new LinkedListNode<PoolWaiter>(waiter);
        }

        if (taken is not null)
        {
            return taken;
        }

        Resize();
        try
        {
            return await waiter.Sandbox.Task.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            throw await GiveUpAsync(pool, queued, waiter);
        }
    }

    private async ValueTask<FunctionFaultException> GiveUpAsync(Pool pool, LinkedListNode<PoolWaiter> queued, PoolWaiter waiter)
    {
        int position;
        TimeSpan? estimate;
        lock (_gate)
        {
            position = pool.Waiting.TakeWhile(other => other != waiter).Count() + 1;
            estimate = PoolSizing.Estimate(position, pool.Booting, SandboxBooter.Parallel, pool.BootTime);
            pool.Leave(queued);
        }

        // A sandbox may have been handed over in the same moment; it goes back the only way there is.
        if (!waiter.Sandbox.TrySetCanceled() && waiter.Sandbox.Task.IsCompletedSuccessfully)
        {
            await ReleaseAsync(await waiter.Sandbox.Task);
        }

        if (_images.Building(pool.Shape.Kind.Image) is { } step)
        {
            return new FunctionFaultException(FaultCode.PoolExhausted, $"{step}: an image is built when it is first asked for, which takes some minutes", "call again then");
        }

        var remaining = estimate is { } time ? $", about {time.TotalSeconds:0.0} s from its turn" : "";
        return new FunctionFaultException(
            FaultCode.PoolExhausted,
            $"no sandbox of image {pool.Shape.Kind.Image} became free in time: position {position}{remaining}, at most {_rules.Maximum} at once",
            "raise toolruntime.sandbox.maximumSandboxes, or the call's deadline");
    }

    private SandboxLease Lease(WarmSandbox sandbox, LeaseTerms terms, bool rests)
    {
        if (rests)
        {
            _rests.Watch(sandbox);
        }

        return new SandboxLease(sandbox, terms, _suspender, ReleaseAsync);
    }

    private async ValueTask ReleaseAsync(WarmSandbox sandbox)
    {
        _rests.Forget(sandbox);
        lock (_gate)
        {
            if (!_leased.Remove(sandbox))
            {
                return;
            }

            _ending++;
        }

        try
        {
            await sandbox.DisposeAsync();
        }
        finally
        {
            lock (_gate)
            {
                _ending--;
            }

            Resize();
        }
    }

    private Pool PoolOf(BootShape shape, bool isFresh = false)
    {
        var key = new PoolKey(shape, null, isFresh);
        if (!_pools.TryGetValue(key, out var pool))
        {
            pool = new Pool(shape, token => _booter.BootAsync(shape, isFresh, token), isKept: !isFresh);
            _pools.Add(key, pool);
        }

        return pool;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Sandboxes run by {Path} on platform {Platform}")]
    private static partial void LogStarted(ILogger logger, string path, string platform);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Path} is an old build of gVisor; it cannot do: {Shortcomings}")]
    private static partial void LogOldRunsc(ILogger logger, string path, string shortcomings);

    [LoggerMessage(Level = LogLevel.Error, Message = "A sandbox of image {Image} for {Language} could not be booted: {Reason}")]
    private static partial void LogBootFailed(ILogger logger, string image, FunctionLanguage language, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "A sandbox could not be ended cleanly; the next start will sweep it")]
    private static partial void LogEndFailed(ILogger logger, Exception error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Warm sandbox {Sandbox} of image {Image} ended by itself: {Reason}")]
    private static partial void LogWarmLost(ILogger logger, string sandbox, string image, SandboxEnd reason);
}
