using ToolRuntime.Functions;

namespace ToolRuntime.Sandbox.Pools;

/// <summary>The background of the pools: carries out what <see cref="PoolSizing"/> decides.</summary>
public sealed partial class WarmPools
{
    private const string Waiting = "this machine has no warm sandbox left, and makes one when it may";

    // Loading a function and its first call take about as long.
    private static readonly TimeSpan _calmAfter = TimeSpan.FromMilliseconds(100);

    // A boot takes a processor for a third of a second; a burst comes faster than boots could keep up with.
    private static readonly TimeSpan _longestHold = TimeSpan.FromSeconds(1);

    // Replacements wait for who just asked, but not for ever for those who go on asking.
    private void HoldSpares(Pool pool, DateTimeOffset now)
    {
        if (!pool.IsKept)
        {
            return;
        }

        if (pool.SparesFrom is null)
        {
            pool.HeldSince = now;
            _calm.Change(_calmAfter, _calmAfter);
        }

        var last = pool.HeldSince + _longestHold;
        pool.SparesFrom = now + _calmAfter < last ? now + _calmAfter : last;
    }

    private void Resize()
    {
        List<(PoolWaiter Waiter, WaitingPlace Place)> places = [];
        lock (_gate)
        {
            if (_stopping.IsCancellationRequested)
            {
                return;
            }

            var now = _time.GetUtcNow();
            var entries = _pools.ToArray();
            var pools = entries.Select(entry => entry.Value).ToArray();
            var plan = PoolSizing.Plan([.. pools.Select(pool => pool.State)], _leased.Count + _ending, _rules, now);
            for (var i = 0; i < pools.Length; i++)
            {
                Apply(pools[i], plan[i]);
                pools[i].FreezeSettled(now);
                pools[i].SparesFrom = pools[i].SparesFrom > now ? pools[i].SparesFrom : null;
                places.AddRange(Places(pools[i]));
                if (pools[i].IsEmpty && (!pools[i].IsKept || now - pools[i].LastDemand >= _rules.WarmIdle))
                {
                    _pools.Remove(entries[i].Key);
                }
            }

            if (!pools.Any(pool => pool.SparesFrom is not null))
            {
                _calm.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            }
        }

        // Callers' code runs outside of the lock.
        foreach (var (waiter, place) in places)
        {
            waiter.Place?.Report(place);
        }
    }

    private IEnumerable<(PoolWaiter Waiter, WaitingPlace Place)> Places(Pool pool)
    {
        var position = 0;
        var reason = _images.Building(pool.Shape.Kind.Image) ?? Waiting;
        foreach (var waiter in pool.Waiting)
        {
            position++;
            yield return (waiter, new WaitingPlace(position, PoolSizing.Estimate(position, pool.Booting, SandboxBooter.Parallel, pool.BootTime), reason));
        }
    }

    private void Apply(Pool pool, PoolChange change)
    {
        for (var i = 0; i < change.Boot; i++)
        {
            pool.Booting++;
            Run(() => BootAsync(pool));
        }

        for (var i = 0; i < change.End && pool.Take() is { } sandbox; i++)
        {
            _ending++;
            Run(() => EndAsync(sandbox));
        }
    }

    private void Run(Func<Task> work)
    {
        var task = Task.Run(work, CancellationToken.None);
        _background.Add(task);
        _ = task.ContinueWith(Forget, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    private void Forget(Task task)
    {
        lock (_gate)
        {
            _background.Remove(task);
        }
    }

    private async Task BootAsync(Pool pool)
    {
        WarmSandbox? sandbox = null;
        FunctionFaultException? failure = null;
        try
        {
            (sandbox, var took) = await pool.MakeAsync(_stopping.Token);
            lock (_gate)
            {
                pool.Timed(took);
            }
        }
        catch (OperationCanceledException)
        {
            failure = Stopped();
        }
        catch (FunctionFaultException error)
        {
            failure = error;
            LogBootFailed(_logger, pool.Shape.Kind.Image, pool.Shape.Kind.Language, error.Fault.Detail ?? error.Fault.Message);
        }
        catch (Exception error)
        {
            // The rim of the background: whoever waits must hear of it, whatever it was.
            failure = new FunctionFaultException(new FunctionFault(FaultCode.Internal, $"booting a sandbox failed: {error.Message}"), error);
            LogBootFailed(_logger, pool.Shape.Kind.Image, pool.Shape.Kind.Language, error.ToString());
        }

        Settle(pool, sandbox, failure);
        Resize();
    }

    // Hands a booted sandbox to the first who waits, or the failure: each failed boot costs one caller, so that a pool
    // that cannot boot answers everybody and then rests until somebody asks again.
    private void Settle(Pool pool, WarmSandbox? sandbox, FunctionFaultException? failure)
    {
        lock (_gate)
        {
            pool.Booting--;
            var isTaken = false;
            while (!isTaken && pool.NextWaiter() is { } waiter)
            {
                isTaken = sandbox is null ? waiter.Sandbox.TrySetException(failure!) : waiter.Sandbox.TrySetResult(sandbox);
            }

            if (sandbox is null)
            {
                pool.LastDemand = isTaken ? pool.LastDemand : null;
            }
            else if (isTaken)
            {
                _leased.Add(sandbox);
                HoldSpares(pool, _time.GetUtcNow());
            }
            else
            {
                pool.Add(sandbox);
                _ = WatchWarmAsync(pool, sandbox);
            }
        }
    }

    private async Task WatchWarmAsync(Pool pool, WarmSandbox sandbox)
    {
        var reason = await sandbox.Ended;
        lock (_gate)
        {
            if (_stopping.IsCancellationRequested || !pool.Remove(sandbox))
            {
                return;
            }

            _ending++;
            Run(() => EndAsync(sandbox));
        }

        LogWarmLost(_logger, sandbox.Sandbox.Id, pool.Shape.Kind.Image, reason);
    }

    private async Task EndAsync(WarmSandbox sandbox)
    {
        try
        {
            await sandbox.DisposeAsync();
        }
        catch (IOException error)
        {
            LogEndFailed(_logger, error);
        }

        lock (_gate)
        {
            _ending--;
        }

        Resize();
    }
}
