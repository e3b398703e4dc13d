using System.Buffers;

namespace ToolRuntime.Runtime.Egress.Http;

/// <summary>
/// One request and its response: the head is read and judged, then head and body go on as they were judged, and the response comes back as it
/// is. Nothing behind the request is passed on, unless both ends go over to a WebSocket.
/// </summary>
/// <param name="authority">The only host that the request can be for.</param>
/// <param name="admit">Judges the head: the headers that it gets.</param>
/// <param name="patience">How long the head may take to come.</param>
/// <param name="time">The clock.</param>
internal sealed class HttpExchange(
    string authority, Func<RequestHead, CancellationToken, ValueTask<IReadOnlyDictionary<string, string>>> admit, TimeSpan patience, TimeProvider time)
{
    private const int Buffer = 64 * 1024;
    private bool _hasAnswered;

    /// <summary>Carries it out; what we refuse the sandbox is told as an answer.</summary>
    /// <exception cref="EgressFailedException">It was refused or failed, and the sandbox knows.</exception>
    public async Task RunAsync(BufferedInput input, Stream guest, Func<ValueTask<Stream>> connect, CancellationToken cancellationToken)
    {
        try
        {
            if (await ReadAsync(input, cancellationToken) is { } bytes)
            {
                var head = RequestHead.Parse(bytes);
                var added = await admit(head, cancellationToken);
                await ExchangeAsync(head, added, (input, guest), await connect(), cancellationToken);
            }
        }
        catch (EgressFailedException refused) when (!_hasAnswered)
        {
            await guest.WriteAsync(Refusal.Encode(refused.Status, refused.Message), cancellationToken);
            await guest.FlushAsync(cancellationToken);
            throw;
        }
    }

    private async ValueTask<byte[]?> ReadAsync(BufferedInput input, CancellationToken cancellationToken)
    {
        using var deadline = new Deadline(time, patience, cancellationToken);
        try
        {
            return await input.ReadHeadAsync(RequestHead.Largest, deadline.Token);
        }
        catch (OperationCanceledException error) when (!cancellationToken.IsCancellationRequested)
        {
            throw new EgressFailedException($"no whole request within {patience.TotalSeconds:0} s", error) { Status = 408 };
        }
    }

    private async Task ExchangeAsync(RequestHead head, IReadOnlyDictionary<string, string> added, (BufferedInput Input, Stream Output) guest, Stream server, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var switched = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        var response = ReceiveAsync(server, guest.Output, head.Upgrade is null ? null : switched, ending.Token);
        var request = SendAsync(head, head.Encode(authority, added), guest.Input, server, switched.Task, ending.Token);
        try
        {
            // A server may answer and close before it has read all; only where the request itself cannot go on is there nothing to wait for.
            if (await Task.WhenAny(request, response) == request && request.Exception?.InnerException is EgressFailedException or OperationCanceledException)
            {
                await request;
            }

            await response;
        }
        finally
        {
            await ending.CancelAsync();
            await Task.WhenAll(request, response).ContinueWith(static t => _ = t.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    private static async Task SendAsync(RequestHead head, byte[] encoded, BufferedInput input, Stream server, Task<bool> switched, CancellationToken cancellationToken)
    {
        await server.WriteAsync(encoded, cancellationToken);
        await RequestBody.CopyAsync(head, input, server, cancellationToken);
        if (head.Upgrade is null || !await switched.WaitAsync(cancellationToken))
        {
            return;
        }

        var buffer = new byte[Buffer];
        while (await input.ReadAsync(buffer, cancellationToken) is > 0 and var read)
        {
            await server.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            await server.FlushAsync(cancellationToken);
        }
    }

    private async Task ReceiveAsync(Stream server, Stream guest, TaskCompletionSource<bool>? switched, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Buffer);
        try
        {
            var first = 0;
            while (switched is not null && first < 12 && await server.ReadAsync(buffer.AsMemory(first), cancellationToken) is > 0 and var more)
            {
                first += more;
            }

            switched?.TrySetResult(buffer.AsSpan(0, first).StartsWith("HTTP/1.1 101"u8));
            for (var read = first; read > 0 || !_hasAnswered;)
            {
                if (read > 0)
                {
                    _hasAnswered = true;
                    await guest.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                    await guest.FlushAsync(cancellationToken);
                }

                read = await server.ReadAsync(buffer, cancellationToken);
                if (read == 0 && !_hasAnswered)
                {
                    throw new EgressFailedException("the server closed the connection without an answer");
                }
            }
        }
        finally
        {
            switched?.TrySetResult(false);
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
