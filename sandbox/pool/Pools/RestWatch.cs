namespace ToolRuntime.Sandbox.Pools;

/// <summary>Lets sandboxes rest in which nothing runs (docs/decisions/0019), five times a second with a moment for what they wait for by the clock.</summary>
internal sealed class RestWatch : IAsyncDisposable
{
    // What was due comes so much too late, where the machine is not busy.
    private static readonly TimeSpan s_every = TimeSpan.FromMilliseconds(200);

    // gVisor's timers fire and wake their threads within about one; on a busy machine it takes several moments.
    private static readonly TimeSpan s_moment = TimeSpan.FromMilliseconds(3);
    private readonly HashSet<WarmSandbox> _watched = [];
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private int _isLooking;

    /// <summary>Nothing is watched yet, and nothing done.</summary>
    public RestWatch(TimeProvider time)
    {
        _time = time;
        _timer = time.CreateTimer(_ => _ = LookAsync(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Lets <paramref name="sandbox"/> rest whenever nothing runs in it, until it is forgotten.</summary>
    public void Watch(WarmSandbox sandbox)
    {
        lock (_watched)
        {
            if (_watched.Add(sandbox) && _watched.Count == 1)
            {
                _timer.Change(s_every, s_every);
            }
        }
    }

    /// <summary>It goes.</summary>
    public void Forget(WarmSandbox sandbox)
    {
        lock (_watched)
        {
            if (_watched.Remove(sandbox) && _watched.Count == 0)
            {
                _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _timer.DisposeAsync();

    private async Task LookAsync()
    {
        if (Interlocked.Exchange(ref _isLooking, 1) == 1)
        {
            return;
        }

        try
        {
            WarmSandbox[] watched;
            lock (_watched)
            {
                watched = [.. _watched];
            }

            var now = _time.GetUtcNow();
            var moments = watched.Where(w => !w.IsSuspending).Select(w => w.Standstill).Where(s => s.Rest(now)).ToList();
            if (moments.Count > 0)
            {
                await Task.Delay(s_moment, _time, CancellationToken.None);
                moments.ForEach(m => m.EndMoment(_time.GetUtcNow()));
            }
        }
        finally
        {
            Volatile.Write(ref _isLooking, 0);
        }
    }
}
