namespace ToolRuntime.Runtime.Egress;

/// <summary>So many a second. Who takes more than is there goes into debt and waits until it is paid, so that order needs no queue.</summary>
/// <param name="saved">How much may be saved up: what comes in so long.</param>
/// <param name="time">The clock.</param>
internal sealed class TokenBucket(TimeSpan saved, TimeProvider time)
{
    private readonly Lock _gate = new();
    private double _tokens;
    private long _at;

    /// <summary>Most bytes that one take should ask for.</summary>
    public static int PieceOf(long perSecond, int buffer) => perSecond <= 0 ? buffer : (int)Math.Clamp(perSecond / 20, 1, buffer);

    /// <summary>Takes <paramref name="count"/> bytes at <paramref name="perSecond"/> (0 for no limit): how long to wait before they are sent.</summary>
    public TimeSpan Take(int count, long perSecond)
    {
        if (perSecond <= 0)
        {
            return TimeSpan.Zero;
        }

        lock (_gate)
        {
            Refill(perSecond);
            _tokens -= count;
            return _tokens >= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(-_tokens / perSecond);
        }
    }

    /// <summary>Takes one if there is one.</summary>
    public bool TryTake(long perSecond)
    {
        lock (_gate)
        {
            Refill(perSecond);
            if (_tokens < 1)
            {
                return false;
            }

            _tokens--;
            return true;
        }
    }

    private void Refill(long perSecond)
    {
        var now = time.GetTimestamp();
        var most = perSecond * saved.TotalSeconds;
        _tokens = _at == 0 ? most : Math.Min(most, _tokens + (time.GetElapsedTime(_at, now).TotalSeconds * perSecond));
        _at = now;
    }
}
