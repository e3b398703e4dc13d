using ToolRuntime.Bus.Nats;

namespace ToolRuntime.Bus.Mailboxes;

/// <summary>Wakes who waits for a subject. What came while nobody waited wakes the next wait; a lost connection does, too.</summary>
internal sealed class MailboxArrivals : IDisposable
{
    /// <summary>Somebody who waits looks by himself so often, in case that a live message was lost.</summary>
    private static readonly TimeSpan s_longestSleep = TimeSpan.FromSeconds(5);
    private readonly SemaphoreSlim _arrived = new(0, 1);
    private readonly NatsSub _sub;
    private readonly TimeProvider _time;

    public MailboxArrivals(NatsConnection connection, string liveSubject, TimeProvider time)
    {
        _time = time;
        _sub = connection.Subscribe(liveSubject, null, _ => Wake(), Wake);
    }

    /// <summary>Ends when something came, which is true, and after <paramref name="atMost"/>.</summary>
    public async ValueTask<bool> NextAsync(TimeSpan atMost, CancellationToken cancellationToken)
    {
        using var sleep = new CancellationTokenSource(atMost > s_longestSleep ? s_longestSleep : atMost > TimeSpan.Zero ? atMost : TimeSpan.Zero, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(sleep.Token, cancellationToken);
        try
        {
            await _arrived.WaitAsync(either.Token);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Time to look.
            return false;
        }
    }

    public void Dispose() => _sub.Dispose();

    private void Wake()
    {
        lock (_arrived)
        {
            if (_arrived.CurrentCount == 0)
            {
                _arrived.Release();
            }
        }
    }
}
