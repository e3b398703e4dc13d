using System.Buffers.Binary;

using ToolRuntime.Sandbox.Agent.Native;
using ToolRuntime.Sandbox.Agent.Processes;

namespace ToolRuntime.Sandbox.Agent.Sockets;

/// <summary>Accepts connections on a port of 127.0.0.1, at most so many at once: each has a thread. Runs as long as the agent.</summary>
internal sealed unsafe class LoopbackListener
{
    private const int InternetFamily = 2;
    private const int StreamKind = 1;
    private const int SocketLevel = 1;
    private const int ReuseAddress = 2;
    private const int Backlog = 256;
    private readonly int _socket;
    private readonly Places _free;

    /// <exception cref="NativeException">The port is taken.</exception>
    internal LoopbackListener(int port, Places free)
    {
        _free = free;
        var socket = NativeError.Check(Libc.Socket(InternetFamily, StreamKind | Descriptors.CloseOnExec, 0), "socket");
        try
        {
            var yes = 1;
            _ = Libc.SetSocketOption(socket, SocketLevel, ReuseAddress, &yes, sizeof(int));
            var address = stackalloc byte[16];
            new Span<byte>(address, 16).Clear();
            BinaryPrimitives.WriteInt16LittleEndian(new Span<byte>(address, 2), InternetFamily);
            BinaryPrimitives.WriteUInt16BigEndian(new Span<byte>(address + 2, 2), (ushort)port);
            (address[4], address[7]) = (127, 1);
            NativeError.Check(Libc.Bind(socket, address, 16), $"bind to port {port}");
            NativeError.Check(Libc.Listen(socket, Backlog), $"listen on port {port}");
            _socket = socket;
        }
        catch
        {
            Descriptors.Close(ref socket);
            throw;
        }
    }

    /// <summary>Gives each connection to <paramref name="serve"/>, which closes it.</summary>
    internal void Start(Action<int> serve) => AgentThread.Start("listener", () => Run(serve));

    private void Run(Action<int> serve)
    {
        while (true)
        {
            _free.Take();
            var connection = Libc.Accept(_socket, null, null, Descriptors.CloseOnExec);
            if (connection >= 0)
            {
                AgentThread.Start("connection", () => Serve(connection, serve));
                continue;
            }

            _free.Give();
            if (NativeError.Last is not (NativeError.Interrupted or NativeError.ConnectionAborted))
            {
                return;
            }
        }
    }

    private void Serve(int connection, Action<int> serve)
    {
        try
        {
            serve(connection);
        }
        finally
        {
            _free.Give();
        }
    }
}
