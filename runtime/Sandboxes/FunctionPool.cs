using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Pools;

namespace ToolRuntime.Runtime.Sandboxes;

/// <summary>
/// Step 5 of the way of a call for one version of a function: the sandboxes that live, those that boot, and the calls that wait, first
/// come first served. Waiting is bounded by the runtime's in-flight limit and by each call's deadline.
/// </summary>
internal sealed class FunctionPool(FunctionVersion version, SandboxBoot boot, TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan s_bootDeadline = TimeSpan.FromMinutes(2);
    private readonly Lock _gate = new();
    private readonly List<FunctionSandbox> _live = [];
    private readonly List<SandboxKey> _booting = [];
    private readonly WaiterQueue _waiters = new();
    private readonly StandingRule _standing = new();
    private readonly CancellationTokenSource _closing = new();
    private double _meanSeconds;
    private DateTimeOffset _joinedAt;
    private bool _hostIsBusy;
    private bool _closed;

    /// <summary>What it runs.</summary>
    public FunctionVersion Version { get; } = version;

    /// <summary>Its state now.</summary>
    public PoolView View
    {
        get
        {
            lock (_gate)
            {
                return new PoolView(_live.Count, _booting.Count, _waiters.Count, _live.Sum(s => s.InFlight), _standing.Minimum, _standing.Fault);
            }
        }
    }

    private int Concurrency => Version.Manifest.Isolation == Isolation.Request ? 1 : Version.Manifest.Concurrency;

    /// <summary>Sets how many stay when idle; false when the pool has been retired.</summary>
    public bool TryKeep(int minimum)
    {
        lock (_gate)
        {
            _standing.Minimum = minimum;
            return !_closed;
        }
    }

    /// <summary>
    /// Begins to get a slot in a sandbox; false when the pool has been retired. The slot faults with what kept a sandbox from being made,
    /// and is cancelled with the token; <paramref name="progress"/> is told the place.
    /// </summary>
    public bool TryAcquire(SandboxKey key, IProgress<WaitingPlace>? progress, out ValueTask<FunctionSandbox> slot, CancellationToken cancellationToken)
    {
        Waiter waiter;
        lock (_gate)
        {
            slot = default;
            if (_closed)
            {
                return false;
            }

            if (Choose(key) is { } sandbox)
            {
                sandbox.InFlight++;
                slot = new ValueTask<FunctionSandbox>(sandbox);
                return true;
            }

            waiter = new Waiter(key, progress, time.GetUtcNow());
            _waiters.Add(waiter);
            Grow(time.GetUtcNow());
        }

        slot = new ValueTask<FunctionSandbox>(WaitAsync(waiter, cancellationToken));
        return true;
    }

    /// <summary>Gives a slot back; a sandbox for one call ends.</summary>
    public void Release(FunctionSandbox sandbox, TimeSpan used)
    {
        Waiter? next = null;
        lock (_gate)
        {
            sandbox.InFlight--;
            sandbox.IdleSince = time.GetUtcNow();
            _meanSeconds = SandboxDecisions.Mean(_meanSeconds, used);
            if ((sandbox.Key.SingleUse || (sandbox.EndsWhenFree && sandbox.InFlight == 0)) && _live.Remove(sandbox))
            {
                _ = sandbox.DisposeAsync().AsTask();
                Grow(sandbox.IdleSince);
            }
            else
            {
                next = TakeWaiter(sandbox);
            }
        }

        if (next is not null)
        {
            Grant(next, sandbox);
        }
    }

    /// <summary>Ends what has been idle too long, freezes what is idle, boots what waiting calls and the rule of standing ones need, and tells those that wait.</summary>
    public void Tick(DateTimeOffset now, bool hostIsBusy)
    {
        List<FunctionSandbox> ended;
        List<(Waiter Waiter, WaitingPlace Place)> told;
        lock (_gate)
        {
            _hostIsBusy = hostIsBusy;
            ended = EndIdle(now);
            Grow(now);
            for (var missing = _standing.Missing(_live.Count + _booting.Count, now); missing > 0; missing--)
            {
                StartBoot(SandboxKey.Everyone);
            }

            told = _waiters.Due(now, PlaceAt);
        }

        told.ForEach(t => t.Waiter.Tell(t.Place));
        ended.ForEach(s => _ = s.DisposeAsync().AsTask());
    }

    /// <summary>Tells all calls of a key what the machine's pools say.</summary>
    public void Tell(SandboxKey key, WaitingPlace place)
    {
        List<Waiter> waiting;
        lock (_gate)
        {
            waiting = _waiters.Of(key);
        }

        waiting.ForEach(w => w.Tell(place));
    }

    /// <summary>Closes it where nothing is left, so that it can be forgotten; a later call makes another.</summary>
    public bool TryRetire()
    {
        lock (_gate)
        {
            _closed |= _standing.Minimum == 0 && _live.Count + _booting.Count + _waiters.Count == 0;
            return _closed;
        }
    }

    /// <summary>Whether it has a sandbox or a boot of <paramref name="owner"/>.</summary>
    public bool Has(string owner)
    {
        lock (_gate)
        {
            return _live.Exists(s => s.Key.Owner == owner) || _booting.Exists(k => k.Owner == owner);
        }
    }

    /// <summary>Ends the sandboxes of <paramref name="owner"/>, those in which calls run with their last call.</summary>
    public Task EndWhenFreeAsync(string owner)
    {
        List<FunctionSandbox> ended;
        lock (_gate)
        {
            var all = _live.FindAll(s => s.Key.Owner == owner);
            all.ForEach(s => s.EndsWhenFree = true);
            ended = all.FindAll(s => s.InFlight == 0);
            ended.ForEach(s => _live.Remove(s));
        }

        return Task.WhenAll(ended.Select(s => s.DisposeAsync().AsTask()));
    }

    /// <summary>Ends the sandboxes of <paramref name="owner"/>, or all with null.</summary>
    public Task EndAsync(string? owner)
    {
        List<FunctionSandbox> ended;
        lock (_gate)
        {
            ended = _live.FindAll(s => owner is null || s.Key.Owner == owner);
            ended.ForEach(s => _live.Remove(s));
        }

        return Task.WhenAll(ended.Select(s => s.DisposeAsync().AsTask()));
    }

    /// <summary>Ends everything; no call can come any more.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _closed = true;
        }

        await _closing.CancelAsync();
        await EndAsync(owner: null);
        _closing.Dispose();
    }

    private FunctionSandbox? Choose(SandboxKey key)
    {
        FunctionSandbox? best = null;
        foreach (var sandbox in _live)
        {
            if (sandbox.Key == key && sandbox.InFlight < Concurrency && (best is null || sandbox.InFlight < best.InFlight))
            {
                best = sandbox;
            }
        }

        return best;
    }

    private async Task<FunctionSandbox> WaitAsync(Waiter waiter, CancellationToken cancellationToken)
    {
        await using var registration = cancellationToken.UnsafeRegister(
            static (state, token) =>
            {
                var (pool, waiter) = ((FunctionPool, Waiter))state!;
                pool.Forget(waiter);
                waiter.Cancel(token);
            },
            (this, waiter));
        return await waiter.Granted;
    }

    /// <summary>The call ends here: it is told where it stood at last, which may be the first that it hears.</summary>
    private void Forget(Waiter waiter)
    {
        WaitingPlace? place;
        lock (_gate)
        {
            place = _waiters.Leave(waiter) is { } position ? PlaceAt(position) : null;
        }

        if (place is not null)
        {
            waiter.Tell(place);
        }
    }

    private WaitingPlace PlaceAt(int position) => new(
        position,
        SandboxDecisions.Estimate(position, _meanSeconds, _live.Count * Concurrency),
        SandboxDecisions.WhyWaiting(_live.Count, _booting.Count, Version.Manifest.Pool.Max));

    private Waiter? TakeWaiter(FunctionSandbox sandbox)
    {
        if (!_live.Contains(sandbox) || sandbox.InFlight >= Concurrency || _waiters.TakeFirst(sandbox.Key) is not { } waiter)
        {
            return null;
        }

        sandbox.InFlight++;
        return waiter;
    }

    private List<FunctionSandbox> EndIdle(DateTimeOffset now)
    {
        List<FunctionSandbox> ended = [];
        foreach (var sandbox in _live)
        {
            sandbox.FreezeIdle(now);
            if (sandbox.InFlight == 0 && SandboxDecisions.ShouldEnd(sandbox.IdleSince, now, Version.Manifest.Pool, _live.Count - ended.Count, _standing.Minimum))
            {
                ended.Add(sandbox);
            }
        }

        ended.ForEach(s => _live.Remove(s));
        return ended;
    }

    private void Grow(DateTimeOffset now)
    {
        foreach (var first in _waiters.Firsts)
        {
            if (_closed || _live.Count + _booting.Count >= Version.Manifest.Pool.Max)
            {
                return;
            }

            var view = new GrowthView(
                Shared: first.Key == SandboxKey.Everyone,
                Waiting: _waiters.CountOf(first.Key),
                OldestWait: now - (first.Since > _joinedAt ? first.Since : _joinedAt),
                Live: _live.Count(s => s.Key == first.Key),
                Booting: _booting.Count(k => k == first.Key),
                Total: _live.Count + _booting.Count,
                Maximum: Version.Manifest.Pool.Max,
                Concurrency,
                _hostIsBusy);
            if (SandboxDecisions.ShouldBoot(view))
            {
                StartBoot(first.Key);
            }
        }
    }

    private void StartBoot(SandboxKey key)
    {
        _booting.Add(key);
        _ = Task.Run(() => BootAsync(key), CancellationToken.None);
    }

    private async Task BootAsync(SandboxKey key)
    {
        FunctionSandbox? sandbox = null;
        FunctionFaultException? failure = null;
        using var deadline = new Deadline(time, s_bootDeadline, _closing.Token);
        try
        {
            sandbox = await boot.BootAsync(Version, key, new PoolWaiters(this, key), deadline.Token);
        }
        catch (FunctionFaultException error)
        {
            failure = error;
        }
        catch (Exception error)
        {
            // The rim of a background task: whatever went wrong is the waiting calls' to know.
            failure = new FunctionFaultException(new FunctionFault(FaultCode.SandboxLost, $"no sandbox could be made: {error.Message}"), error);
        }

        if (sandbox is null)
        {
            Fail(key, failure!);
        }
        else
        {
            Join(sandbox);
        }
    }

    private void Join(FunctionSandbox sandbox)
    {
        List<Waiter> next = [];
        lock (_gate)
        {
            _booting.Remove(sandbox.Key);
            if (_closed)
            {
                _ = sandbox.DisposeAsync().AsTask();
                return;
            }

            _live.Add(sandbox);
            _joinedAt = time.GetUtcNow();
            _standing.Ended(fault: null, _joinedAt);
            while (TakeWaiter(sandbox) is { } waiter)
            {
                next.Add(waiter);
            }
        }

        _ = WatchAsync(sandbox);
        next.ForEach(w => Grant(w, sandbox));
    }

    private void Grant(Waiter waiter, FunctionSandbox sandbox)
    {
        if (!waiter.TryGrant(sandbox))
        {
            Release(sandbox, TimeSpan.Zero);
        }
    }

    /// <summary>A worker that ended takes its sandbox with it: simple, and a fresh one is warm already.</summary>
    private async Task WatchAsync(FunctionSandbox sandbox)
    {
        await sandbox.Ended;
        lock (_gate)
        {
            _live.Remove(sandbox);
            Grow(time.GetUtcNow());
        }

        await sandbox.DescribeLossAsync();
        await sandbox.DisposeAsync();
    }

    private void Fail(SandboxKey key, FunctionFaultException failure)
    {
        List<Waiter> failed;
        lock (_gate)
        {
            _booting.Remove(key);
            _standing.Ended(failure.Fault, time.GetUtcNow());
            var hopeless = failure.Fault.Code == FaultCode.LoadFailed
                || (!_live.Exists(s => s.Key == key) && !_booting.Contains(key));
            failed = hopeless ? _waiters.Of(key) : [];
            failed.ForEach(w => _waiters.Leave(w));
        }

        failed.ForEach(w => w.Fail(failure));
    }
}
