using System.Collections.Concurrent;

using ToolRuntime.Bus.Nats;

namespace ToolRuntime.Bus.Queue;

/// <summary>Tells those whose requests a part has not answered yet that it lives, by one timer; who hears nothing any more knows that it is gone.</summary>
internal sealed class SignsOfLife : IAsyncDisposable
{
    private static readonly NatsHeaders _processing = new("NATS/1.0 102 Processing\r\n\r\n"u8.ToArray());
    private readonly NatsConnection _connection;
    private readonly ConcurrentDictionary<string, bool> _open = new(StringComparer.Ordinal);
    private readonly ITimer _timer;

    public SignsOfLife(NatsConnection connection, TimeSpan interval, TimeProvider time)
    {
        _connection = connection;
        _timer = time.CreateTimer(static state => ((SignsOfLife)state!).Tell(), this, interval, interval);
    }

    /// <summary>From here on the asker is told.</summary>
    public void Begin(string replyTo) => _open[replyTo] = true;

    /// <summary>The asker has its answer.</summary>
    public void End(string replyTo) => _open.TryRemove(replyTo, out _);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _timer.DisposeAsync();

    private void Tell()
    {
        foreach (var replyTo in _open.Keys)
        {
            var sending = _connection.PublishAsync(replyTo, default, _processing, null, NatsFlush.Soon, CancellationToken.None);
            if (!sending.IsCompletedSuccessfully)
            {
                // The send queue is full; the next round comes well before anybody gives up.
                _ = sending.AsTask();
                return;
            }
        }
    }
}
