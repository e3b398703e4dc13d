using ToolRuntime.Sandbox.Backends;

namespace ToolRuntime.Sandbox.Pools;

/// <summary>
/// Whether a sandbox stands still on the host. Idle, it takes up to 5 % of a processor on systrap; standing still, none. It goes on with whatever is sent
/// to its agent. One that rests also goes on for a moment now and then, so that what its programs wait for by the clock comes a little late and not never.
/// </summary>
internal sealed class Standstill(IBackedSandbox sandbox)
{
    private static readonly TimeSpan s_quiet = TimeSpan.FromSeconds(1);
    private readonly Lock _gate = new();
    private volatile bool _isFrozen;
    private int _used;
    private bool _hasBegun;
    private DateTimeOffset _quietSince;

    /// <summary>Whether it stands still, but for moments.</summary>
    public bool IsFrozen => _isFrozen;

    /// <summary>Takes the processors from it, where its backend can; for who knows that nothing is to run in it.</summary>
    public void Freeze()
    {
        lock (_gate)
        {
            _used = 0;
            _isFrozen = sandbox.Freeze();
        }
    }

    /// <summary>Lets it go on: something is about to be sent to its agent.</summary>
    public void Use()
    {
        // Before the look at the other's mark, as whoever freezes sets his before he looks at this one: one of the two sees the other.
        Interlocked.Exchange(ref _used, 1);
        if (!_isFrozen)
        {
            return;
        }

        lock (_gate)
        {
            _isFrozen = false;
            sandbox.Thaw();
        }
    }

    /// <summary>
    /// Lets one in which nothing has run for two seconds, and to which nothing was sent, stand still. One that rests is let go on for a moment: true, and
    /// <see cref="EndMoment"/> is to follow. Not for several threads at once.
    /// </summary>
    public bool Rest(DateTimeOffset now)
    {
        if (_isFrozen)
        {
            return _hasBegun && BeginMoment();
        }

        if (Interlocked.Exchange(ref _used, 0) == 1)
        {
            (_hasBegun, _quietSince) = (true, now);
        }
        else if (now - _quietSince >= s_quiet)
        {
            FreezeUnlessRun(now);
        }

        return false;
    }

    /// <summary>Lets it stand still again, unless it was used in its moment or something ran in it.</summary>
    public void EndMoment(DateTimeOffset now)
    {
        if (_isFrozen)
        {
            FreezeUnlessRun(now);
        }
    }

    private bool BeginMoment()
    {
        lock (_gate)
        {
            if (_isFrozen)
            {
                sandbox.Thaw();
            }

            return _isFrozen;
        }
    }

    private void FreezeUnlessRun(DateTimeOffset now)
    {
        var mayFreeze = sandbox.HasRun() == false;
        _quietSince = mayFreeze ? _quietSince : now;
        lock (_gate)
        {
            _isFrozen = mayFreeze && sandbox.Freeze();
            Interlocked.MemoryBarrier();
            if (_used == 1)
            {
                _isFrozen = false;
                sandbox.Thaw();
            }
        }
    }
}
