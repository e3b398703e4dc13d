using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;

using Microsoft.Extensions.Logging;

namespace ToolRuntime.Bus.Nats;

/// <summary>
/// A connection that outlives its TCP connections: publish, subscribe, request. Frames go out in the order of the calls. Handlers run on the
/// read loop and must not block. Delivery is at most once; what must not be lost goes through JetStream with a message id.
/// </summary>
internal sealed partial class NatsConnection : INatsTransportOwner, IAsyncDisposable
{
    private readonly NatsOpts _opts;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly NatsSendQueue _queue;
    private readonly NatsRequests _requests;
    private readonly NatsSubs _subs = new();
    private readonly ConcurrentQueue<TaskCompletionSource> _pongs = new();
    private readonly CancellationTokenSource _ending = new();
    private readonly ITimer _sweep;
    private readonly ITimer _ping;
    private NatsTransport? _transport;
    private TaskCompletionSource _connected = NewSignal();
    private Task _running = Task.CompletedTask;
    private int _disposed;

    public NatsConnection(NatsOpts opts, ILogger logger, TimeProvider time)
    {
        _opts = opts;
        _logger = logger;
        _time = time;
        _queue = new NatsSendQueue(opts.WriterBufferSize, static socket => socket.Dispose(), time);
        _requests = new NatsRequests(time);
        _sweep = time.CreateTimer(static state => ((NatsConnection)state!)._requests.Sweep(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _ping = time.CreateTimer(static state => ((NatsConnection)state!).PingOrGiveUp(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _subs.Add(new NatsSub(this, _subs.NextSid(), _requests.Prefix + "*", null, null));
    }

    /// <summary>Raised on a thread of its own after each reconnect, once subscriptions stand again.</summary>
    public event Action? Reconnected;

    /// <summary>What the server last said of itself.</summary>
    public NatsServerInfo ServerInfo { get; private set; } = new();

    /// <summary>Whether a connection stands.</summary>
    public bool IsConnected => Volatile.Read(ref _transport) is not null;

    /// <summary>A subject that nobody else uses.</summary>
    public static string NewInbox() => string.Concat("_INBOX.", Guid.NewGuid().ToString("N"));

    /// <summary>Connects to the first server that answers.</summary>
    /// <exception cref="NatsException">None answers, or one refuses the credentials.</exception>
    public async ValueTask ConnectAsync(CancellationToken cancellationToken)
    {
        var transport = await OpenAnyAsync(cancellationToken);
        Begin(transport);
        _sweep.Change(TimeSpan.FromMilliseconds(500), TimeSpan.FromMilliseconds(500));
        _ping.Change(_opts.PingInterval, _opts.PingInterval);
        _running = KeepAsync(transport);
    }

    /// <summary>Publishes; returns once the message is on its way to the kernel, or there is room for it.</summary>
    /// <exception cref="NatsPayloadTooLargeException">It is larger than the server takes.</exception>
    public ValueTask PublishAsync(string subject, ReadOnlyMemory<byte> data, NatsHeaders headers, string? replyTo, NatsFlush flush, CancellationToken cancellationToken)
    {
        NatsSubject.CheckPublish(subject);
        return SendAsync(subject, data, headers, replyTo, flush, cancellationToken);
    }

    /// <summary>Sends a request and waits for its first answer.</summary>
    /// <exception cref="NatsNoRespondersException">Nobody listens.</exception>
    /// <exception cref="NatsTimeoutException">No answer in time.</exception>
    /// <exception cref="NatsConnectionFailedException">The connection was lost meanwhile.</exception>
    public ValueTask<NatsMsg> RequestAsync(string subject, ReadOnlyMemory<byte> data, NatsHeaders headers, CancellationToken cancellationToken) =>
        RequestAsync(subject, data, headers, default, cancellationToken);

    /// <summary>As above, in a way of its own.</summary>
    public async ValueTask<NatsMsg> RequestAsync(string subject, ReadOnlyMemory<byte> data, NatsHeaders headers, NatsRequestOpts opts, CancellationToken cancellationToken)
    {
        NatsSubject.CheckPublish(subject);
        if (!IsConnected)
        {
            await WaitConnectedAsync(subject, cancellationToken);
        }

        var request = _requests.Open(subject, opts.Timeout ?? _opts.RequestTimeout, opts.AnswersInline);
        try
        {
            await SendAsync(subject, data, headers, request.ReplyTo, opts.Flush, cancellationToken);
        }
        catch (Exception)
        {
            _requests.TryAbandon(request);
            throw;
        }

        return await request.AnswerAsync(cancellationToken);
    }

    /// <summary>Subscribes; the SUB is in order with what is published afterwards, and no answer is waited for. <paramref name="missed"/> is called after each reconnect. Dispose to end it.</summary>
    public NatsSub Subscribe(string subject, string? queueGroup, Action<NatsMsg> handler, Action? missed = null, NatsFlush flush = NatsFlush.Soon)
    {
        NatsSubject.Check(subject);
        var sub = new NatsSub(this, _subs.NextSid(), subject, queueGroup, handler) { Missed = missed };
        _subs.Add(sub);
        _queue.Subscribe(subject, queueGroup, sub.Sid, flush);
        return sub;
    }

    /// <summary>Ends a subscription without losing what is on its way: its handler is called until the server has taken the UNSUB.</summary>
    public async ValueTask DrainAsync(NatsSub sub, CancellationToken cancellationToken)
    {
        _queue.Unsubscribe(sub.Sid);
        try
        {
            await PingAsync(cancellationToken);
        }
        finally
        {
            _subs.Remove(sub);
        }
    }

    /// <summary>Waits until the server has taken everything sent before.</summary>
    /// <exception cref="NatsException">It did not say so in time, or the connection was lost.</exception>
    public async ValueTask PingAsync(CancellationToken cancellationToken)
    {
        var pong = NewSignal();
        _pongs.Enqueue(pong);
        _queue.Control("PING\r\n"u8);
        try
        {
            await pong.Task.WaitAsync(_opts.RequestTimeout, _time, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw new NatsTimeoutException("PING");
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        if (IsConnected)
        {
            try
            {
                await PingAsync(CancellationToken.None).AsTask().WaitAsync(TimeSpan.FromSeconds(1), _time);
            }
            catch (Exception error) when (error is TimeoutException or NatsException)
            {
                LogUnsent(_logger, _opts.Name);
            }
        }

        await _ending.CancelAsync();
        await _sweep.DisposeAsync();
        await _ping.DisposeAsync();
        _queue.Dispose();
        Volatile.Read(ref _transport)?.Dispose();
        await _running;
        _requests.FailAll(new ObjectDisposedException(nameof(NatsConnection)));
        _ending.Dispose();
    }

    internal void Remove(NatsSub sub)
    {
        if (_subs.Remove(sub) && _disposed == 0)
        {
            _queue.Unsubscribe(sub.Sid);
        }
    }

    void INatsTransportOwner.OnInfo(NatsServerInfo info)
    {
        ServerInfo = info;
        if (info.LameDuckMode)
        {
            LogLameDuck(_logger, info.Id);
        }
    }

    void INatsTransportOwner.OnMessage(in NatsFrame frame)
    {
        if (_subs.Find(frame.Sid) is not { } sub)
        {
            return;
        }

        var headers = new NatsHeaders(frame.Buffer.AsMemory(0, frame.HeaderLength));
        var data = frame.Buffer.AsMemory(frame.HeaderLength);
        if (sub.Handler is null)
        {
            _requests.OnReply(frame.Subject, new NatsMsg("", null, headers, data));
            return;
        }

        var replyTo = frame.ReplyTo.IsEmpty ? null : Encoding.UTF8.GetString(frame.ReplyTo);
        try
        {
            sub.Handler(new NatsMsg(sub.SubjectOf(frame.Subject), replyTo, headers, data));
        }
        catch (Exception error)
        {
            // The rim of a handler: one that fails must not end the connection of all others.
            LogHandlerFailed(_logger, sub.Subject, error);
        }
    }

    void INatsTransportOwner.OnPing() => _queue.Control("PONG\r\n"u8);

    void INatsTransportOwner.OnPong()
    {
        if (_pongs.TryDequeue(out var pong))
        {
            pong.TrySetResult();
        }
    }

    void INatsTransportOwner.OnServerError(string error) => LogServerError(_logger, error);

    void INatsTransportOwner.OnClosed(NatsTransport transport, Exception reason)
    {
        if (Interlocked.CompareExchange(ref _transport, null, transport) == transport)
        {
            _queue.Detach();
            _requests.FailAll(reason);
            FailPongs(reason);
        }

        transport.Dispose();
    }

    private ValueTask SendAsync(string subject, ReadOnlyMemory<byte> data, NatsHeaders headers, string? replyTo, NatsFlush flush, CancellationToken cancellationToken)
    {
        var size = headers.Block.Length + data.Length;
        if (size > ServerInfo.MaxPayload)
        {
            throw new NatsPayloadTooLargeException(size, ServerInfo.MaxPayload);
        }

        return _queue.TryPublish(subject, replyTo, headers.Block.Span, data.Span, flush)
            ? default
            : _queue.PublishSlowAsync(subject, replyTo, headers.Block, data, cancellationToken);
    }

    private async ValueTask WaitConnectedAsync(string subject, CancellationToken cancellationToken)
    {
        try
        {
            await Volatile.Read(ref _connected).Task.WaitAsync(_opts.RequestTimeout, _time, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw new NatsTimeoutException($"{subject}: not connected");
        }
    }

    /// <summary>Makes the connection anew for as long as this object lives.</summary>
    private async Task KeepAsync(NatsTransport transport)
    {
        try
        {
            while (true)
            {
                await transport.Reading;
                ((INatsTransportOwner)this).OnClosed(transport, new NatsConnectionFailedException("the connection was lost"));
                _ending.Token.ThrowIfCancellationRequested();
                LogLost(_logger, _opts.Name);
                Volatile.Write(ref _connected, NewSignal());
                transport = await ReopenAsync(_ending.Token);
                Begin(transport);
                LogReconnected(_logger, _opts.Name);
                _ = Task.Run(TellReconnected, CancellationToken.None);
            }
        }
        catch (OperationCanceledException)
        {
            transport.Dispose();
        }
    }

    private void TellReconnected()
    {
        _subs.TellMissed();
        Reconnected?.Invoke();
    }

    private async ValueTask<NatsTransport> ReopenAsync(CancellationToken cancellationToken)
    {
        var wait = _opts.ReconnectWaitMin;
        while (true)
        {
            try
            {
                return await OpenAnyAsync(cancellationToken);
            }
            catch (NatsException error)
            {
                LogReconnectFailed(_logger, _opts.Name, error.Message);
            }

            // Jitter, so that the clients of one dead server do not come back in step.
            await Task.Delay(wait * (0.75 + (Random.Shared.NextDouble() / 2)), _time, cancellationToken);
            wait = TimeSpan.FromTicks(Math.Min(wait.Ticks * 2, _opts.ReconnectWaitMax.Ticks));
        }
    }

    private async ValueTask<NatsTransport> OpenAnyAsync(CancellationToken cancellationToken)
    {
        Exception? last = null;
        foreach (var server in _opts.Servers)
        {
            var transport = new NatsTransport(this, _opts.MaxPayloadHardCap);
            try
            {
                ServerInfo = await transport.OpenAsync(new Uri(server), _opts, _subs.Again, cancellationToken);
                return transport;
            }
            catch (Exception error) when (error is NatsException or SocketException or OperationCanceledException)
            {
                transport.Dispose();
                cancellationToken.ThrowIfCancellationRequested();
                last = error;
            }
        }

        throw last as NatsException ?? new NatsConnectionFailedException($"cannot reach {string.Join(", ", _opts.Servers)}: {last?.Message}", last);
    }

    private void Begin(NatsTransport transport)
    {
        Interlocked.Exchange(ref _transport, transport);
        _queue.Attach(transport.Socket);
        Volatile.Read(ref _connected).TrySetResult();
        (_ending.IsCancellationRequested ? transport : null)?.Dispose(); // whoever ended this object just now has closed the former one
    }

    private void PingOrGiveUp()
    {
        if (Volatile.Read(ref _transport) is not { } transport)
        {
            return;
        }

        if (transport.PingsOut >= _opts.MaxPingOut)
        {
            LogStale(_logger, _opts.Name);
            transport.Dispose();
            return;
        }

        transport.CountPing();
        _pongs.Enqueue(NewSignal());
        _queue.Control("PING\r\n"u8);
    }

    private void FailPongs(Exception reason)
    {
        while (_pongs.TryDequeue(out var pong))
        {
            pong.TrySetException(reason);
            _ = pong.Task.Exception;
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Connection}: connection to nats-server lost")]
    private static partial void LogLost(ILogger logger, string connection);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Connection}: connected to nats-server again")]
    private static partial void LogReconnected(ILogger logger, string connection);

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Connection}: reconnect failed: {Reason}")]
    private static partial void LogReconnectFailed(ILogger logger, string connection, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Connection}: nats-server does not answer pings")]
    private static partial void LogStale(ILogger logger, string connection);

    [LoggerMessage(Level = LogLevel.Warning, Message = "nats-server says: {Error}")]
    private static partial void LogServerError(ILogger logger, string error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "nats-server {Server} is about to end")]
    private static partial void LogLameDuck(ILogger logger, string server);

    [LoggerMessage(Level = LogLevel.Error, Message = "handler of {Subject} failed")]
    private static partial void LogHandlerFailed(ILogger logger, string subject, Exception error);

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Connection}: ended before everything was sent")]
    private static partial void LogUnsent(ILogger logger, string connection);
}
