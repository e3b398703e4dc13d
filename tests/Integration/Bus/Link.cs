using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace ToolRuntime.Tests.Integration.Bus;

/// <summary>Which way a link is cut.</summary>
public enum Cut
{
    Both,
    ToServer,
    ToClient,
}

/// <summary>
/// A link between clients and one server that fails as networks do: bytes stop, and neither end is told. What was sent into a link that is cut arrives
/// when it is mended, as TCP's own repetitions would, also on connections that their client has given up meanwhile.
/// </summary>
internal sealed class Link : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly IPEndPoint _server;
    private readonly CancellationTokenSource _ending = new();
    private readonly ConcurrentBag<(Socket Client, Socket Server)> _connections = [];
    private readonly Task _accepting;
    private Gate _toServer = Gate.Opened();
    private Gate _toClient = Gate.Opened();

    public Link(Uri server)
    {
        _server = new IPEndPoint(IPAddress.Parse(server.Host), server.Port);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public Uri Address => new($"nats://{_listener.LocalEndpoint}");

    /// <summary>Cuts it, for the connections that stand and for new ones.</summary>
    public void Break(Cut cut)
    {
        _toServer.IsOpen &= cut == Cut.ToClient;
        _toClient.IsOpen &= cut == Cut.ToServer;
    }

    /// <summary>All that waited flows on.</summary>
    public void Mend() => _toServer.IsOpen = _toClient.IsOpen = true;

    /// <summary>Cuts the connections that stand for good, and closes none; new ones are whole. So is a link whose other end forgot it.</summary>
    public void Strand(Cut cut)
    {
        Break(cut);
        (_toServer, _toClient) = (Gate.Opened(), Gate.Opened());
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        _listener.Dispose();
        foreach (var (client, server) in _connections)
        {
            client.Dispose();
            server.Dispose();
        }

        await _accepting;
        _ending.Dispose();
    }

    private async Task AcceptAsync()
    {
        var relays = new List<Task>();
        try
        {
            while (true)
            {
                var client = await _listener.AcceptSocketAsync(_ending.Token);
                var server = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                client.NoDelay = true;
                await server.ConnectAsync(_server, _ending.Token);
                _connections.Add((client, server));
                relays.Add(RelayAsync(client, server, _toServer));
                relays.Add(RelayAsync(server, client, _toClient));
            }
        }
        catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            await Task.WhenAll(relays);
        }
    }

    /// <summary>Bytes and the end of them, once the gate is open.</summary>
    private async Task RelayAsync(Socket from, Socket to, Gate gate)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (true)
            {
                var count = await from.ReceiveAsync(buffer, _ending.Token);
                await gate.PassAsync(_ending.Token);
                if (count == 0)
                {
                    to.Shutdown(SocketShutdown.Send);
                    return;
                }

                for (var rest = buffer.AsMemory(0, count); !rest.IsEmpty;)
                {
                    rest = rest[await to.SendAsync(rest, _ending.Token)..];
                }
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // One end is gone. The other hears of it as it would over the network: where nothing holds the news back.
            await gate.PassAsync(_ending.Token).ContinueWith(static _ => { }, TaskScheduler.Default);
            to.Dispose();
        }
    }

    private sealed class Gate
    {
        private volatile TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool IsOpen
        {
            get => _open.Task.IsCompleted;
            set
            {
                if (value)
                {
                    _open.TrySetResult();
                }
                else if (IsOpen)
                {
                    _open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                }
            }
        }

        public static Gate Opened() => new() { IsOpen = true };

        public Task PassAsync(CancellationToken cancellationToken) => _open.Task.WaitAsync(cancellationToken);
    }
}
