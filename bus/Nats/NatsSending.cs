using System.Net.Sockets;

namespace ToolRuntime.Bus.Nats;

/// <summary>Sends on a socket that does not block, on the caller's thread as long as the kernel takes it.</summary>
internal static class NatsSending
{
    /// <summary>Sends all; where the kernel's buffer is full, a thread of its own waits for room, since the caller's may be the reading one.</summary>
    /// <exception cref="SocketException">The connection was lost.</exception>
    public static async ValueTask SendAsync(Socket socket, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (!bytes.IsEmpty)
        {
            var sent = socket.Send(bytes.Span, SocketFlags.None, out var error);
            switch (error)
            {
                case SocketError.Success:
                    bytes = bytes[sent..];
                    break;
                case SocketError.WouldBlock:
                    await WaitForRoomAsync(socket, cancellationToken);
                    break;
                default:
                    throw new SocketException((int)error);
            }
        }
    }

    // Ends with the connection at the latest: its owner disposes of the socket.
    private static Task<bool> WaitForRoomAsync(Socket socket, CancellationToken cancellationToken) => Task.Factory.StartNew(
        () => socket.Poll(Timeout.InfiniteTimeSpan, SelectMode.SelectWrite), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)
        .WaitAsync(cancellationToken);
}
