using System.Net.Sockets;

namespace ToolRuntime.Bus.Nats;

/// <summary>
/// What waits to be sent: whole frames in order, bounded. While one thread sends, others append, so batches form by themselves under load and a lone
/// publish goes out at once without a thread hop. Frames of a batch that was being sent when the connection broke are never sent again.
/// </summary>
internal sealed class NatsSendQueue : IThreadPoolWorkItem, IDisposable
{
    private const int LargeFrom = 32 * 1024;
    private const int RoundsOnCaller = 16;
    private static readonly TimeSpan _latest = TimeSpan.FromMilliseconds(20);
    private readonly int _bound;
    private readonly Action<Socket> _broken;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();
    private NatsSendBatch _pending = new();
    private NatsSendBatch? _spare = new();
    private Socket? _socket;
    private bool _flushing;
    private bool _soon;
    private bool _later;
    private TaskCompletionSource? _room;

    /// <summary>A queue of about <paramref name="bound"/> bytes; <paramref name="broken"/> is told of a socket that fails.</summary>
    public NatsSendQueue(int bound, Action<Socket> broken, TimeProvider time)
    {
        (_bound, _broken) = (bound, broken);
        _timer = time.CreateTimer(static s => ((NatsSendQueue)s!).SendLater(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Appends a message and returns true, or false when the queue is full or the payload is large: then <see cref="PublishSlowAsync"/>.</summary>
    public bool TryPublish(string subject, string? replyTo, ReadOnlySpan<byte> headers, ReadOnlySpan<byte> payload, NatsFlush flush)
    {
        Socket? socket;
        lock (_gate)
        {
            if (payload.Length >= LargeFrom || _pending.Length > _bound)
            {
                return false;
            }

            _pending.AppendPublish(subject, replyTo, headers, payload, default);
            socket = BeginFlush(flush);
        }

        Run(socket);
        return true;
    }

    /// <summary>As <see cref="TryPublish"/>, waiting for room; a large payload is lent until the returned task ends.</summary>
    public async ValueTask PublishSlowAsync(string subject, string? replyTo, ReadOnlyMemory<byte> headers, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task wait;
            Socket? socket = null;
            var appended = false;
            lock (_gate)
            {
                appended = _pending.Length <= _bound;
                if (!appended)
                {
                    wait = (_room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
                }
                else if (payload.Length < LargeFrom)
                {
                    _pending.AppendPublish(subject, replyTo, headers.Span, payload.Span, default);
                    wait = Task.CompletedTask;
                    socket = BeginFlush(NatsFlush.Now);
                }
                else
                {
                    _pending.AppendPublish(subject, replyTo, headers.Span, default, payload);
                    wait = _pending.Sent;
                    socket = BeginFlush(NatsFlush.Now);
                }
            }

            Run(socket);
            await (appended ? wait : wait.WaitAsync(cancellationToken));
            if (appended)
            {
                return;
            }
        }
    }

    /// <summary>Appends a SUB; never waits, its size is small and the number of subscriptions is bounded by their makers.</summary>
    public void Subscribe(string subject, string? queueGroup, long sid, NatsFlush flush)
    {
        Socket? socket;
        lock (_gate)
        {
            _pending.AppendSubscribe(subject, queueGroup, sid);
            socket = BeginFlush(flush);
        }

        Run(socket);
    }

    /// <summary>Appends an UNSUB.</summary>
    public void Unsubscribe(long sid)
    {
        Socket? socket;
        lock (_gate)
        {
            _pending.AppendUnsubscribe(sid);
            socket = BeginFlush(NatsFlush.Later);
        }

        Run(socket);
    }

    /// <summary>Appends a PING or PONG; what is said to a lost connection, or to a peer that reads nothing and yet asks, is said to nobody.</summary>
    public void Control(ReadOnlySpan<byte> frame)
    {
        Socket? socket;
        lock (_gate)
        {
            if (_socket is null || _pending.Length > 2L * _bound)
            {
                return;
            }

            _pending.Append(frame);
            socket = BeginFlush(NatsFlush.Now);
        }

        Run(socket);
    }

    /// <summary>The connection stands: what waits goes out.</summary>
    public void Attach(Socket socket)
    {
        Socket? start;
        lock (_gate)
        {
            _socket = socket;
            start = BeginFlush(NatsFlush.Now);
        }

        Run(start);
    }

    /// <summary>The connection is gone; whole frames that were not begun are kept for the next one.</summary>
    public void Detach()
    {
        lock (_gate)
        {
            _socket = null;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    /// <inheritdoc/>
    void IThreadPoolWorkItem.Execute()
    {
        Socket? socket;
        lock (_gate)
        {
            _soon = false;
            socket = BeginFlush(NatsFlush.Now);
        }

        Run(socket);
    }

    /// <summary>Under the lock: whether the caller must send, and on what.</summary>
    private Socket? BeginFlush(NatsFlush flush)
    {
        if (_flushing || _socket is null || _pending.Length == 0)
        {
            return null;
        }

        if (flush == NatsFlush.Now)
        {
            _flushing = true;
            return _socket;
        }

        if (flush == NatsFlush.Later)
        {
            // Armed once for all that comes meanwhile, most of which goes out with other things: the timer fires often in vain, but not for each.
            if (!_later)
            {
                _later = true;
                _timer.Change(_latest, Timeout.InfiniteTimeSpan);
            }
        }
        else if (!_soon)
        {
            _soon = true;
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }

        return null;
    }

    private void SendLater()
    {
        Socket? socket;
        lock (_gate)
        {
            _later = false;
            socket = BeginFlush(NatsFlush.Now);
        }

        Run(socket);
    }

    private void Run(Socket? socket)
    {
        if (socket is not null)
        {
            _ = FlushAsync(socket);
        }
    }

    private async Task FlushAsync(Socket socket)
    {
        for (var round = 1; TakeBatch(socket, out var batch); round++)
        {
            try
            {
                await SendAsync(socket, batch);
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException)
            {
                batch.Finish(new NatsConnectionFailedException("the connection was lost while sending", error));
                EndFlush();
                _broken(socket);
                return;
            }

            batch.Finish(null);
            lock (_gate)
            {
                batch.Reset();
                _spare = batch;
            }

            if (round == RoundsOnCaller)
            {
                await Task.Yield();
            }
        }
    }

    private bool TakeBatch(Socket socket, out NatsSendBatch batch)
    {
        lock (_gate)
        {
            batch = _pending;
            if (_pending.Length == 0 || _socket != socket)
            {
                _flushing = false;
                // A new connection may have been attached while this one's last send was ending.
                Run(BeginFlush(NatsFlush.Soon));
                return false;
            }

            _pending = _spare ?? new NatsSendBatch();
            _spare = null;
            _room?.TrySetResult();
            _room = null;
            return true;
        }
    }

    private void EndFlush()
    {
        lock (_gate)
        {
            _flushing = false;
            Run(BeginFlush(NatsFlush.Soon));
        }
    }

    private static async ValueTask SendAsync(Socket socket, NatsSendBatch batch)
    {
        if (batch.TryGetSingle(out var bytes))
        {
            await NatsSending.SendAsync(socket, bytes, CancellationToken.None);
            return;
        }

        foreach (var piece in batch.Pieces())
        {
            await NatsSending.SendAsync(socket, piece, CancellationToken.None);
        }
    }
}
