using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Sandbox.Agent;

/// <summary>The streams that the agent opens: each asks for something, and goes to the handler that the host has set; without one, or beyond the bound, it is reset.</summary>
internal sealed class OpenedStreams(TimeProvider time) : IDisposable
{
    /// <summary>At once; with their windows, what a hostile sandbox can make the host keep.</summary>
    internal const int Most = 1024;

    private static readonly TimeSpan s_requestDeadline = TimeSpan.FromSeconds(10);
    private readonly CancellationTokenSource _ended = new();
    private volatile Func<EgressRequest, Stream, CancellationToken, ValueTask>? _handler;
    private int _open;

    internal Func<EgressRequest, Stream, CancellationToken, ValueTask>? Handler
    {
        get => _handler;
        set => _handler = value;
    }

    /// <summary>Takes the stream over; false when it is to be reset.</summary>
    internal bool TryTake(AgentStream stream)
    {
        if (_handler is not { } handler || _ended.IsCancellationRequested)
        {
            return false;
        }

        if (Interlocked.Increment(ref _open) > Most)
        {
            Interlocked.Decrement(ref _open);
            return false;
        }

        _ = Task.Run(() => RunAsync(stream, handler));
        return true;
    }

    /// <summary>The channel has ended, and with it every stream.</summary>
    public void Dispose() => _ = _ended.CancelAsync();

    private async Task RunAsync(AgentStream stream, Func<EgressRequest, Stream, CancellationToken, ValueTask> handler)
    {
        try
        {
            await handler(await ReadAsync(stream), stream, _ended.Token);
        }
        catch (Exception)
        {
            // The rim of the task: whatever went wrong is over with this stream, which is reset; a handler notes its own failures.
            return;
        }
        finally
        {
            await stream.DisposeAsync();
            Interlocked.Decrement(ref _open);
        }
    }

    private async Task<EgressRequest> ReadAsync(AgentStream stream)
    {
        using var deadline = new CancellationTokenSource(s_requestDeadline, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, _ended.Token);
        return await AgentExchange.ReadEgressAsync(stream, either.Token);
    }
}
