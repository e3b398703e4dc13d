using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace ToolRuntime.Bus.Nats;

/// <summary>
/// One TCP connection: the read loop and the handshake. A reconnect makes a new one. It is read by a thread of its own, which the kernel
/// wakes: through .NET's asynchronous sockets two threads wake one after the other for each answer, and a call waits for three answers.
/// </summary>
internal sealed class NatsTransport : INatsFrames, IDisposable
{
    private const int TcpLevel = 6;
    private const int TcpUserTimeout = 18;
    // Handlers run here, and what they lead to.
    private const int StackSize = 1024 * 1024;
    private Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly NatsParser _parser;
    private readonly INatsTransportOwner _owner;
    private readonly TaskCompletionSource<NatsServerInfo> _info = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _firstPong = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _read = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _pingsOut;
    private string? _serverError;

    public NatsTransport(INatsTransportOwner owner, int maximumPayload)
    {
        _owner = owner;
        _parser = new NatsParser(this, maximumPayload);
    }

    /// <summary>The socket, for the send queue.</summary>
    public Socket Socket => _socket;

    /// <summary>Ends when the connection does; never fails.</summary>
    public Task Reading { get; private set; } = Task.CompletedTask;

    /// <summary>Pings sent since the last answer.</summary>
    public int PingsOut => Volatile.Read(ref _pingsOut);

    /// <summary>Connects, says who we are, subscribes again and waits until the server has taken it all.</summary>
    public async ValueTask<NatsServerInfo> OpenAsync(Uri server, NatsOpts opts, Func<NatsSendBatch> subscriptions, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);

        // A TLS handshake is several round trips and much arithmetic.
        deadline.CancelAfter(server.Scheme == "tls" ? opts.ConnectTimeout * 5 : opts.ConnectTimeout);
        try
        {
            await ConnectAsync(server, deadline.Token);
            SetUserTimeout(opts.PingInterval * opts.MaxPingOut);
            var isSecure = server.Scheme == "tls";
            if (isSecure)
            {
                _socket.Blocking = true;
                _socket = await NatsTls.StartAsync(_socket, server.Host, opts.TlsOpts, deadline.Token);
                _socket.Blocking = false;
            }

            Reading = _read.Task;
            new Thread(Read, StackSize) { IsBackground = true, Name = "nats-reader" }.Start();
            var info = await _info.Task.WaitAsync(deadline.Token);
            if (info.TlsRequired && !isSecure)
            {
                throw new NatsConnectionFailedException($"{server.Host}:{server.Port} takes TLS only: write its address as tls://{server.Host}:{server.Port}");
            }

            var client = NatsClientInfo.Of(opts, info, isSecure);
            var hello = subscriptions();
            await NatsSending.SendAsync(_socket, Encoding.UTF8.GetBytes($"CONNECT {JsonSerializer.Serialize(client, NatsJson.Default.NatsClientInfo)}\r\n"), deadline.Token);
            hello.Append("PING\r\n"u8);
            hello.TryGetSingle(out var bytes);
            await NatsSending.SendAsync(_socket, bytes, deadline.Token);
            await _firstPong.Task.WaitAsync(deadline.Token);
            return info;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new NatsTimeoutException($"handshake with {server.Host}:{server.Port}");
        }
        catch (ObjectDisposedException gone)
        {
            // The reading thread found its end first, and closed the socket.
            throw new NatsConnectionFailedException($"{server.Host}:{server.Port} ended the connection within its handshake", gone);
        }
    }

    /// <summary>Counts a ping that is about to be sent.</summary>
    public void CountPing() => Interlocked.Increment(ref _pingsOut);

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            // The end of a pair of sockets (TLS) does not wake who waits for it by being closed alone.
            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // Not connected, or closed before.
        }

        _socket.Dispose();
    }

    void INatsFrames.OnInfo(ReadOnlySpan<byte> json)
    {
        var info = ReadInfo(json);
        if (!_info.TrySetResult(info))
        {
            _owner.OnInfo(info);
        }
    }

    void INatsFrames.OnMessage(in NatsFrame frame) => _owner.OnMessage(frame);

    void INatsFrames.OnPing() => _owner.OnPing();

    void INatsFrames.OnPong()
    {
        Volatile.Write(ref _pingsOut, 0);
        if (!_firstPong.TrySetResult())
        {
            _owner.OnPong();
        }
    }

    void INatsFrames.OnError(ReadOnlySpan<byte> text)
    {
        _serverError = Encoding.UTF8.GetString(text);
        _owner.OnServerError(_serverError);
    }

    private static NatsServerInfo ReadInfo(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, NatsJson.Default.NatsServerInfo) ?? throw new NatsProtocolViolationException("INFO is null");
        }
        catch (JsonException error)
        {
            throw new NatsProtocolViolationException($"INFO is not what a server says of itself: {error.Message}");
        }
    }

    /// <summary>The reading thread: it sleeps in the kernel until there is something to read.</summary>
    private void Read()
    {
        Exception? error = null;
        try
        {
            var buffer = new byte[64 * 1024];
            while (ReadOnce(buffer))
            {
            }
        }
        catch (Exception caught)
        {
            // The rim of the loop: whatever broke it, the connection is over and is made anew.
            error = caught;
        }

        var reason = _serverError is { } text ? new NatsServerException(text) : error as NatsException ?? new NatsConnectionFailedException("the server closed the connection", error);
        _info.TrySetException(reason);
        _firstPong.TrySetException(reason);
        _ = _info.Task.Exception;
        _ = _firstPong.Task.Exception;
        _owner.OnClosed(this, reason);
        _read.TrySetResult();
    }

    private bool ReadOnce(byte[] buffer)
    {
        var direct = _parser.DirectTarget;
        if (!direct.IsEmpty)
        {
            var received = Receive(direct.Span);
            _parser.Received(received);
            return received > 0;
        }

        var count = Receive(buffer);
        _parser.Feed(buffer.AsSpan(0, count));
        return count > 0;
    }

    private int Receive(Span<byte> into)
    {
        while (true)
        {
            var count = _socket.Receive(into, SocketFlags.None, out var error);
            switch (error)
            {
                case SocketError.Success:
                    return count;
                case SocketError.WouldBlock:
                    _socket.Poll(Timeout.InfiniteTimeSpan, SelectMode.SelectRead);
                    break;
                default:
                    throw new SocketException((int)error);
            }
        }
    }

    /// <summary>Connects on a thread that may block: a socket that once waited as .NET's do is watched by .NET's own thread from then on, which would wake for each message beside ours.</summary>
    private async ValueTask ConnectAsync(Uri server, CancellationToken cancellationToken)
    {
        await using var abort = cancellationToken.UnsafeRegister(static s => ((Socket)s!).Dispose(), _socket);
        try
        {
            await Task.Factory.StartNew(
                () => _socket.Connect(server.Host, server.Port < 0 ? 4222 : server.Port), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            _socket.Blocking = false;
        }
        catch (Exception error) when (cancellationToken.IsCancellationRequested && error is SocketException or ObjectDisposedException)
        {
            throw new OperationCanceledException(cancellationToken);
        }
    }

    private void SetUserTimeout(TimeSpan timeout)
    {
        Span<byte> value = stackalloc byte[sizeof(int)];
        BitConverter.TryWriteBytes(value, (int)timeout.TotalMilliseconds);
        _socket.SetRawSocketOption(TcpLevel, TcpUserTimeout, value);
    }
}
