using System.Collections.Concurrent;

using ToolRuntime.Bus.Nats;

namespace ToolRuntime.Bus.Queue;

/// <summary>
/// Says in-progress for every unsettled delivery by one timer, so that a long call is not given to another runtime; and at once after a reconnect, for a server
/// that was restarted has not counted its own absence.
/// </summary>
internal sealed class DeliverySettling : IDisposable
{
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(3);
    private static readonly byte[] _progress = "+WPI"u8.ToArray();
    private readonly NatsConnection _connection;
    private readonly ConcurrentDictionary<string, bool> _unsettled = new(StringComparer.Ordinal);
    private readonly ITimer _timer;

    public DeliverySettling(NatsConnection connection, TimeProvider time)
    {
        _connection = connection;
        _timer = time.CreateTimer(static state => ((DeliverySettling)state!).Progress(), this, _interval, _interval);
        connection.Reconnected += Progress;
    }

    /// <summary>From here on the delivery is kept.</summary>
    public void Add(string replyTo) => _unsettled[replyTo] = true;

    /// <summary>From here on nothing is said of the delivery.</summary>
    public void Forget(string replyTo) => _unsettled.TryRemove(replyTo, out _);

    /// <summary>Sends the last word on a delivery.</summary>
    public ValueTask SettleAsync(string replyTo, byte[] word, NatsFlush flush, CancellationToken cancellationToken)
    {
        _unsettled.TryRemove(replyTo, out _);
        return _connection.PublishAsync(replyTo, word, default, null, flush, cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _connection.Reconnected -= Progress;
        _timer.Dispose();
    }

    private void Progress()
    {
        foreach (var replyTo in _unsettled.Keys)
        {
            var sending = _connection.PublishAsync(replyTo, _progress, default, null, NatsFlush.Soon, CancellationToken.None);
            if (!sending.IsCompletedSuccessfully)
            {
                // The send queue is full; the next round comes well before the ack deadline.
                _ = sending.AsTask();
                return;
            }
        }
    }
}
