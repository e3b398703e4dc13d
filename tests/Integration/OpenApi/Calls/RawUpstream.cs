using System.Net;
using System.Net.Sockets;

namespace ToolRuntime.Tests.Integration.OpenApi.Calls;

/// <summary>A server that reads a request's head and then does with the connection what the test says.</summary>
internal sealed class RawUpstream : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Func<Stream, CancellationToken, Task> _answer;
    private readonly Task _accepting;

    public RawUpstream(Func<Stream, CancellationToken, Task> answer)
    {
        _answer = answer;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string Origin => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                connections.Add(ServeAsync(await _listener.AcceptSocketAsync(_end.Token)));
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        await using var stream = new NetworkStream(socket, ownsSocket: true);
        try
        {
            var (buffer, head) = (new byte[4096], 0);
            while (!buffer.AsSpan(0, head).IndexOf("\r\n\r\n"u8).Equals(head - 4) || head < 4)
            {
                var read = await stream.ReadAsync(buffer.AsMemory(head), _end.Token);
                if (read == 0)
                {
                    return;
                }

                head += read;
            }

            await _answer(stream, _end.Token);
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException)
        {
            return;
        }
    }
}
