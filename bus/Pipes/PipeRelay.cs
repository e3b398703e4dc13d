using System.Net.Sockets;

namespace ToolRuntime.Bus.Pipes;

/// <summary>Carries bytes between a connection and what it leads to, each direction to its own end.</summary>
internal static class PipeRelay
{
    private const int BufferSize = 64 * 1024;

    /// <summary>Ends when the target's output has ended and was sent, or the opener is gone.</summary>
    public static async ValueTask RunAsync(Stream network, Socket socket, Stream target, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var inward = network.CopyToAsync(target, BufferSize, ending.Token);
        var outward = target.CopyToAsync(network, BufferSize, ending.Token);
        var first = await Task.WhenAny(inward, outward);
        if (first == inward && inward.IsCompletedSuccessfully && target is IHalfClosable half)
        {
            await half.CloseWriteAsync(cancellationToken);
            await outward;
        }
        else if (first == outward && outward.IsCompletedSuccessfully)
        {
            socket.Shutdown(SocketShutdown.Send);
        }

        await ending.CancelAsync();
        await Task.WhenAll(inward, outward).ContinueWith(static t => _ = t.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }
}
