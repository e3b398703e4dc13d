using System.Net;
using System.Net.Sockets;
using System.Text;

using Microsoft.Extensions.Logging.Abstractions;

using ToolRuntime.Bus.Nats;

namespace ToolRuntime.Tests.Unit.Bus;

/// <summary>A message server that follows a script, for what a real one never does. Each connection gets the next script.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    public const string Info = "INFO {\"server_id\":\"S\",\"version\":\"2.9.10\",\"headers\":true,\"max_payload\":1048576}\r\n";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _serving;

    public ScriptedServer(params Func<ScriptedServer, Socket, Task>[] scripts)
    {
        _listener.Start();
        _serving = ServeAsync(scripts);
    }

    /// <summary>Connections that were made so far.</summary>
    public int Connections { get; private set; }

    /// <summary>A connection that is to be made to it.</summary>
    public NatsConnection NewConnection(NatsOpts? opts = null) => new((opts ?? new NatsOpts()) with { Servers = [$"nats://{_listener.LocalEndpoint}"] }, NullLogger.Instance, TimeProvider.System);

    /// <summary>Introduces itself, and answers the first PING.</summary>
    public static async Task GreetAsync(Socket socket)
    {
        await SayAsync(socket, Info);
        await HearAsync(socket, "PING\r\n");
        await SayAsync(socket, "PONG\r\n");
    }

    public static async Task SayAsync(Socket socket, string text) => await socket.SendAsync(Encoding.Latin1.GetBytes(text));

    /// <summary>Reads until a text has come; gives all that came.</summary>
    public static async Task<string> HearAsync(Socket socket, string text)
    {
        var (heard, buffer) = (new StringBuilder(), new byte[4096]);
        while (!heard.ToString().Contains(text, StringComparison.Ordinal))
        {
            var count = await socket.ReceiveAsync(buffer);
            heard.Append(count > 0 ? Encoding.Latin1.GetString(buffer, 0, count) : throw new EndOfStreamException($"instead of '{text}' came: {heard}"));
        }

        return heard.ToString();
    }

    /// <summary>Answers PINGs until the client goes.</summary>
    public static async Task GoOnAsync(Socket socket)
    {
        while (true)
        {
            await HearAsync(socket, "PING\r\n");
            await SayAsync(socket, "PONG\r\n");
        }
    }

    /// <summary>Says nothing more until the client goes.</summary>
    public Task WaitAsync(Socket socket) => socket.ReceiveAsync(new byte[64 * 1024], _ending.Token).AsTask();

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _serving;
        _listener.Dispose();
        _ending.Dispose();
    }

    private async Task ServeAsync(Func<ScriptedServer, Socket, Task>[] scripts)
    {
        var all = new List<Task>();
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptSocketAsync(_ending.Token);
                all.Add(PlayAsync(scripts[Math.Min(Connections++, scripts.Length - 1)], socket));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(all);
        }
    }

    private async Task PlayAsync(Func<ScriptedServer, Socket, Task> script, Socket socket)
    {
        await using var end = _ending.Token.UnsafeRegister(static s => ((Socket)s!).Dispose(), socket);
        try
        {
            await script(this, socket);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException or EndOfStreamException or OperationCanceledException)
        {
            // The client has gone, as most scripts want it to.
            return;
        }
        finally
        {
            socket.Dispose();
        }
    }
}
