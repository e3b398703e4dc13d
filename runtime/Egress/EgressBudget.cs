namespace ToolRuntime.Runtime.Egress;

/// <summary>What one sandbox has sent and got, and how fast it may go on. Shared by its connections; the limits come with each call, for they may change.</summary>
internal sealed class EgressBudget(TimeProvider time)
{
    // Little is saved up, so that no second sees much more than its share.
    private static readonly TimeSpan s_saved = TimeSpan.FromMilliseconds(100);

    private readonly TokenBucket _out = new(s_saved, time);
    private readonly TokenBucket _in = new(s_saved, time);
    private long _bytes;

    /// <summary>Bytes so far, both ways.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Takes up to <paramref name="wanted"/> bytes; 0 where the limit of bytes is reached.</summary>
    public int Reserve(int wanted, long most)
    {
        if (most <= 0)
        {
            Interlocked.Add(ref _bytes, wanted);
            return wanted;
        }

        while (true)
        {
            var spent = Volatile.Read(ref _bytes);
            var taken = (int)Math.Min(wanted, Math.Max(0, most - spent));
            if (taken == 0 || Interlocked.CompareExchange(ref _bytes, spent + taken, spent) == spent)
            {
                return taken;
            }
        }
    }

    /// <summary>Waits until <paramref name="count"/> bytes may go.</summary>
    public async ValueTask WaitAsync(bool outwards, int count, long perSecond, CancellationToken cancellationToken)
    {
        if ((outwards ? _out : _in).Take(count, perSecond) is var wait && wait > TimeSpan.Zero)
        {
            await Task.Delay(wait, time, cancellationToken);
        }
    }
}
