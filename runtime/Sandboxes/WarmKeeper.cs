using System.Collections.Concurrent;

using Microsoft.Extensions.Logging;

using ToolRuntime.Bus.State;
using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Pools;

namespace ToolRuntime.Runtime.Sandboxes;

/// <summary>Follows the catalog and keeps what manifests ask to stand ready: <c>pool.min</c> and <c>pool.warm</c> of active versions; old ones drain.</summary>
internal sealed partial class WarmKeeper(CatalogStore catalog, FunctionSandboxes sandboxes, WarmPools pools, TimeProvider time, ILogger<WarmKeeper> logger)
{
    private const int MostNames = 8;
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(1);
    private readonly Dictionary<(string Tenant, string Name), List<FunctionPool>> _kept = [];
    private readonly ConcurrentDictionary<(string Tenant, string Name), FunctionVersion> _warm = new();
    private volatile bool _isCurrent;

    /// <summary>What is missing of the functions that are to be warm.</summary>
    public Warmth Warmth
    {
        get
        {
            if (!_isCurrent)
            {
                return new Warmth("the functions are not known yet", Failed: null);
            }

            List<string> pending = [];
            List<string> failed = [];
            foreach (var version in _warm.Values.Where(v => !Stands(v)))
            {
                if (sandboxes.BootFaultOf(version) is { } fault)
                {
                    failed.Add($"{version.Manifest.Name} ({fault.Code})");
                }
                else
                {
                    pending.Add(version.Manifest.Name);
                }
            }

            return new Warmth(Join("no warm sandbox yet: ", pending), Join("no warm sandbox can be made, and toolrt logs NAME says why: ", failed));
        }
    }

    /// <summary>Follows until the token ends.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(FollowAsync(cancellationToken), ExpectAsync(cancellationToken));

    private static int MinimumOf(FunctionManifest manifest) =>
        manifest.Isolation == Isolation.Function ? Math.Max(manifest.Pool.Min, manifest.Pool.Warm ? 1 : 0) : 0;

    private static string? Join(string before, List<string> all) =>
        all.Count == 0 ? null : before + string.Join(", ", all.Order(StringComparer.Ordinal).Take(MostNames)) + (all.Count > MostNames ? $" and {all.Count - MostNames} more" : "");

    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await foreach (var change in catalog.WatchAsync(cancellationToken))
                {
                    if (change.IsCurrent)
                    {
                        _isCurrent = true;
                    }
                    else
                    {
                        await ApplyAsync(change, cancellationToken);
                    }
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                // The rim of a background loop: calls still get their sandboxes when they come.
                WatchFailed(error);
                await Task.Delay(s_retry, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Where a sandbox belongs to a session or a call, what stands ready is one of its kind that is nobody's yet: these end when nobody is expected.</summary>
    private async Task ExpectAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var timer = new PeriodicTimer(pools.WarmIdle / 2, time);
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                foreach (var version in _warm.Values.Where(v => v.Manifest.Isolation != Isolation.Function))
                {
                    pools.Expect(SandboxBoot.KindOf(version), version.Manifest.Limits, version.Layers);
                }
            }
        }
        catch (OperationCanceledException)
        {
            return;
        }
    }

    private bool Stands(FunctionVersion version) =>
        sandboxes.Stands(version.Tenant, version.Manifest.Name)
        || (version.Manifest.Isolation != Isolation.Function && (!pools.KeepsWarm || pools.WarmCount(SandboxBoot.KindOf(version)) > 0));

    private async Task ApplyAsync(CatalogChange change, CancellationToken cancellationToken)
    {
        var key = (change.Tenant, change.Name);
        if (_kept.Remove(key, out var old))
        {
            old.ForEach(p => p.TryKeep(0));
        }

        _warm.TryRemove(key, out _);
        List<FunctionPool> kept = [];
        foreach (var active in change.Record?.Active ?? [])
        {
            if (await catalog.GetVersionAsync(change.Tenant, active.Digest, cancellationToken) is not { } version)
            {
                continue;
            }

            var isWarm = version.Manifest.Pool.Warm;
            if (version.Manifest is { Language: not FunctionLanguage.Api, Remote: null })
            {
                pools.Expect(SandboxBoot.KindOf(version), isWarm ? version.Manifest.Limits : new FunctionLimits(), version.Layers);
            }

            if (isWarm)
            {
                _warm[key] = version;
            }

            if (MinimumOf(version.Manifest) is > 0 and var minimum)
            {
                kept.Add(Keep(version, minimum));
            }
        }

        _kept[key] = kept;
    }

    /// <summary>A pool that was retired between its making and this is made anew.</summary>
    private FunctionPool Keep(FunctionVersion version, int minimum)
    {
        while (true)
        {
            var pool = sandboxes.PoolOf(version);
            if (pool.TryKeep(minimum))
            {
                return pool;
            }

            sandboxes.Forget(pool);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "the catalog cannot be followed and is opened again: functions with pool.min or pool.warm may not be ready")]
    private partial void WatchFailed(Exception error);
}
