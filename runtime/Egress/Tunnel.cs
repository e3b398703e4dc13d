using System.Buffers;
using System.Net.Sockets;

using ToolRuntime.Runtime.Egress.Http;
using ToolRuntime.Runtime.Egress.Tls;

namespace ToolRuntime.Runtime.Egress;

/// <summary>Bytes both ways that the host does not read, but for the name at the beginning of TLS; each direction ends by itself.</summary>
internal static class Tunnel
{
    private const int Buffer = 64 * 1024;

    /// <summary>Carries them until both directions have ended, or one has failed.</summary>
    /// <param name="guest">The sandbox's end.</param>
    /// <param name="finish">Tells the sandbox that nothing more comes.</param>
    /// <param name="server">The server's end.</param>
    /// <param name="check">Is told the name that TLS begins with, before the server sees a byte; null where TLS has none.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="EgressFailedException">The name is refused, or a limit is reached.</exception>
    /// <exception cref="IOException">One end is gone.</exception>
    public static async Task RunAsync((BufferedInput Input, Stream Output) guest, Action finish, Socket server, Action<string?> check, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var (outward, inward) = (SendAsync(guest.Input, server, check, ending.Token), ReceiveAsync(server, guest.Output, finish, ending.Token));
        var first = await Task.WhenAny(outward, inward);
        if (!first.IsCompletedSuccessfully)
        {
            await ending.CancelAsync();
        }

        try
        {
            await first;
        }
        finally
        {
            await Task.WhenAll(outward, inward).ContinueWith(static t => _ = t.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }

        await Task.WhenAll(outward, inward);
    }

    /// <summary>Reads ahead until the name is there; returns whether the connection is TLS at all.</summary>
    /// <exception cref="EgressFailedException">It begins like TLS, and goes on like none.</exception>
    public static async ValueTask<(bool IsTls, string? Name)> PeekAsync(BufferedInput input, CancellationToken cancellationToken)
    {
        if (input.Ahead.IsEmpty && !await input.FillAsync(ClientHello.Largest, cancellationToken))
        {
            return (false, null);
        }

        if (input.Ahead.Span[0] != ClientHello.Handshake)
        {
            return (false, null);
        }

        string? name;
        while (!ClientHello.TryRead(input.Ahead.Span, out name))
        {
            if (!await input.FillAsync(ClientHello.Largest, cancellationToken))
            {
                throw new EgressFailedException("the connection ended within the first message of TLS") { Status = 400 };
            }
        }

        return (true, name);
    }

    private static async Task SendAsync(BufferedInput input, Socket server, Action<string?> check, CancellationToken cancellationToken)
    {
        var (isTls, name) = await PeekAsync(input, cancellationToken);
        if (isTls)
        {
            check(name);
        }

        var buffer = ArrayPool<byte>.Shared.Rent(Buffer);
        try
        {
            while (await input.ReadAsync(buffer, cancellationToken) is > 0 and var read)
            {
                for (var sent = 0; sent < read;)
                {
                    sent += await server.SendAsync(buffer.AsMemory(sent, read - sent), SocketFlags.None, cancellationToken);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        server.Shutdown(SocketShutdown.Send);
    }

    private static async Task ReceiveAsync(Socket server, Stream guest, Action finish, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Buffer);
        try
        {
            while (await server.ReceiveAsync(buffer.AsMemory(), SocketFlags.None, cancellationToken) is > 0 and var read)
            {
                await guest.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        finish();
    }
}
