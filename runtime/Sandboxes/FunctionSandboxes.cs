using System.Collections.Concurrent;

using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Pools;

namespace ToolRuntime.Runtime.Sandboxes;

/// <summary>All sandboxes of functions in this runtime, by tenant and version.</summary>
internal sealed class FunctionSandboxes(SandboxBoot boot, TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(100);
    private readonly ConcurrentDictionary<(string Tenant, string Digest), FunctionPool> _pools = new();
    private readonly SemaphoreSlim _awake = new(0, 1);
    private readonly HostLoad _load = new();
    private bool _closed;

    /// <summary>The pools that stand.</summary>
    public IEnumerable<FunctionPool> Pools => _pools.Values;

    /// <summary>Makes what runs beside a function's worker, for MCP servers.</summary>
    public SandboxBoot Boot { get; } = boot;

    /// <summary>The pool of a version; made when missing.</summary>
    public FunctionPool PoolOf(FunctionVersion version)
    {
        var key = (version.Tenant, version.Digest);
        if (_pools.TryGetValue(key, out var pool))
        {
            return pool;
        }

        pool = _pools.GetOrAdd(key, static (_, s) => new FunctionPool(s.version, s.Boot, s.time), (version, Boot, time));
        Wake();
        return pool;
    }

    /// <summary>Step 5 of the way of a call: a slot in a sandbox of <paramref name="version"/>, its own, a shared one or a fresh one.</summary>
    /// <exception cref="FunctionFaultException">No sandbox could be made, or the code could not be loaded.</exception>
    public async ValueTask<SandboxSlot> AcquireAsync(FunctionVersion version, SandboxKey key, IProgress<WaitingPlace>? progress, CancellationToken cancellationToken)
    {
        while (!Volatile.Read(ref _closed))
        {
            var pool = PoolOf(version);
            if (pool.TryAcquire(key, progress, out var slot, cancellationToken))
            {
                return new SandboxSlot(pool, await slot, time.GetTimestamp());
            }

            Forget(pool);
        }

        throw new FunctionFaultException(FaultCode.PoolExhausted, $"{version.Manifest.Name}: this runtime is stopping");
    }

    /// <summary>Gives a slot back.</summary>
    public void Release(in SandboxSlot slot) => slot.Pool.Release(slot.Sandbox, time.GetElapsedTime(slot.Since));

    /// <summary>Forgets a pool that has been retired.</summary>
    public void Forget(FunctionPool pool) => _pools.TryRemove(KeyValuePair.Create((pool.Version.Tenant, pool.Version.Digest), pool));

    /// <summary>Whether a function has a sandbox here, of whichever version.</summary>
    public bool Stands(string tenant, string function) =>
        _pools.Values.Any(p => p.Version.Tenant == tenant && p.Version.Manifest.Name == function && p.View.Live > 0);

    /// <summary>Why the last boot of a sandbox of <paramref name="version"/> failed, or null.</summary>
    public FunctionFault? BootFaultOf(FunctionVersion version) =>
        _pools.TryGetValue((version.Tenant, version.Digest), out var pool) ? pool.View.BootFault : null;

    /// <summary>Whether a session has a sandbox here.</summary>
    public bool Has(string tenant, string session) => _pools.Any(p => p.Key.Tenant == tenant && p.Value.Has(session));

    /// <summary>Whether a session has a sandbox of a version here.</summary>
    public bool Has(string tenant, string session, string digest) => _pools.TryGetValue((tenant, digest), out var pool) && pool.Has(session);

    /// <summary>Ends a session's sandboxes, each with its last call.</summary>
    public Task EndSessionWhenFreeAsync(string tenant, string session) =>
        Task.WhenAll(_pools.Where(p => p.Key.Tenant == tenant).Select(p => p.Value.EndWhenFreeAsync(session)));

    /// <summary>Ends a session's sandboxes.</summary>
    public Task EndSessionAsync(string tenant, string session) =>
        Task.WhenAll(_pools.Where(p => p.Key.Tenant == tenant).Select(p => p.Value.EndAsync(session)));

    /// <summary>Ticks all pools until the token ends. Sleeps while there are none, so an idle runtime costs nothing.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                if (_pools.IsEmpty)
                {
                    await _awake.WaitAsync(cancellationToken);
                }

                await Task.Delay(s_tick, time, cancellationToken);
                Tick();
            }
        }
        catch (OperationCanceledException)
        {
            return;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Volatile.Write(ref _closed, true);
        await Task.WhenAll(_pools.Values.Select(p => p.DisposeAsync().AsTask()));
        _awake.Dispose();
    }

    private void Tick()
    {
        var now = time.GetUtcNow();
        var busy = _load.IsBusy();
        foreach (var (key, pool) in _pools)
        {
            pool.Tick(now, busy);
            if (pool.TryRetire())
            {
                _pools.TryRemove(KeyValuePair.Create(key, pool));
            }
        }
    }

    private void Wake()
    {
        if (_awake.CurrentCount == 0)
        {
            try
            {
                _awake.Release();
            }
            catch (SemaphoreFullException)
            {
                // Somebody else woke it in between.
                return;
            }
        }
    }
}
