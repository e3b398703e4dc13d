using Microsoft.AspNetCore.Http;

namespace ToolRuntime.Gateway.Streams;

/// <summary>
/// The answer to one request: plain JSON, unless something precedes the result or the result takes long; then it becomes a stream of
/// events, whose last one is the result.
/// </summary>
public sealed class Reply : IDisposable
{
    private readonly HttpContext _context;
    private readonly EventStream _events;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private bool _isFinished;

    /// <summary>An answer to <paramref name="context"/>.</summary>
    public Reply(HttpContext context)
    {
        _context = context;
        _events = new EventStream(context);
    }

    /// <summary>Sends the first event of a stream that can be resumed; null for streams that cannot.</summary>
    public Func<EventStream, CancellationToken, ValueTask>? Opening { get; init; }

    /// <summary>Whether the answer has become a stream.</summary>
    public bool IsStream => _events.IsOpen;

    /// <summary>Ends when the client leaves.</summary>
    public CancellationToken Aborted => _context.RequestAborted;

    /// <summary>Sends what precedes the result.</summary>
    public async ValueTask SendAsync(string? id, ReadOnlyMemory<byte> message, CancellationToken cancellationToken, string name = "message")
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            await OpenAsync(cancellationToken);
            await _events.SendAsync(name, id, message, cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Sends the result, as JSON with <paramref name="status"/> or as the stream's last event.</summary>
    public async ValueTask FinishAsync(int status, string? id, ReadOnlyMemory<byte> message, CancellationToken cancellationToken, string name = "message")
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            _isFinished = true;
            if (_events.IsOpen)
            {
                await _events.SendAsync(name, id, message, cancellationToken);
            }
            else
            {
                await JsonReply.WriteAsync(_context, status, message, cancellationToken);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Shows that the answer is under way; does nothing where a message is being written just now.</summary>
    public async ValueTask KeepAliveAsync(CancellationToken cancellationToken)
    {
        if (!await _turn.WaitAsync(TimeSpan.Zero, cancellationToken))
        {
            return;
        }

        try
        {
            if (_isFinished)
            {
                return;
            }

            if (_events.IsOpen)
            {
                await _events.KeepAliveAsync(cancellationToken);
            }
            else
            {
                await OpenAsync(cancellationToken);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>No keep-alive may touch the response any more; waits for one that is being written.</summary>
    public async ValueTask CloseAsync()
    {
        await _turn.WaitAsync(CancellationToken.None);
        _isFinished = true;
        _turn.Release();
    }

    /// <inheritdoc/>
    public void Dispose() => _turn.Dispose();

    private async ValueTask OpenAsync(CancellationToken cancellationToken)
    {
        if (!_events.IsOpen)
        {
            await _events.OpenAsync(cancellationToken);
            if (Opening is not null)
            {
                await Opening(_events, cancellationToken);
            }
        }
    }
}
