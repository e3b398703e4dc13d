namespace ToolRuntime.Sandbox.Pools;

/// <summary>The state of one pool. Guarded by the lock of <see cref="WarmPools"/>.</summary>
internal sealed class Pool
{
    private const double NewestShare = 0.3;
    private readonly LinkedList<WarmSandbox> _warm = new();
    private readonly LinkedList<PoolWaiter> _waiting = new();

    /// <summary>A pool of one shape, filled by <paramref name="make"/>; one that is not kept has no spares and goes when it is empty.</summary>
    public Pool(BootShape shape, Func<CancellationToken, Task<(WarmSandbox Sandbox, TimeSpan Took)>> make, bool isKept = true)
    {
        Shape = shape;
        MakeAsync = make;
        IsKept = isKept;
    }

    public BootShape Shape { get; }

    public Func<CancellationToken, Task<(WarmSandbox Sandbox, TimeSpan Took)>> MakeAsync { get; }

    public bool IsKept { get; }

    public int Booting { get; set; }

    public DateTimeOffset? LastDemand { get; set; }

    /// <summary>Before this no spare is booted.</summary>
    public DateTimeOffset? SparesFrom { get; set; }

    /// <summary>Since when spares are held back.</summary>
    public DateTimeOffset HeldSince { get; set; }

    public TimeSpan? BootTime { get; private set; }

    public int Warm => _warm.Count;

    public PoolState State => new(_warm.Count, Booting, _waiting.Count, LastDemand, SparesFrom);

    public bool IsEmpty => _warm.Count == 0 && Booting == 0 && _waiting.Count == 0;

    public IEnumerable<PoolWaiter> Waiting => _waiting;

    /// <summary>A warm sandbox that has not ended, the oldest first.</summary>
    public WarmSandbox? Take()
    {
        foreach (var sandbox in _warm)
        {
            if (!sandbox.Ended.IsCompleted)
            {
                _warm.Remove(sandbox);
                return sandbox;
            }
        }

        return null;
    }

    /// <summary>Freezes those that have settled.</summary>
    public void FreezeSettled(DateTimeOffset now)
    {
        foreach (var sandbox in _warm)
        {
            sandbox.FreezeSettled(now);
        }
    }

    public void Add(WarmSandbox sandbox) => _warm.AddLast(sandbox);

    public bool Remove(WarmSandbox sandbox) => _warm.Remove(sandbox);

    public LinkedListNode<PoolWaiter> Enqueue(PoolWaiter waiter) => _waiting.AddLast(waiter);

    public void Leave(LinkedListNode<PoolWaiter> place)
    {
        if (place.List is not null)
        {
            _waiting.Remove(place);
        }
    }

    public PoolWaiter? NextWaiter()
    {
        if (_waiting.First is not { } first)
        {
            return null;
        }

        _waiting.RemoveFirst();
        return first.Value;
    }

    public void Timed(TimeSpan boot) =>
        BootTime = BootTime is { } before ? (before * (1 - NewestShare)) + (boot * NewestShare) : boot;
}
