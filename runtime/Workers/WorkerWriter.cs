namespace ToolRuntime.Runtime.Workers;

/// <summary>
/// The one writer of a worker's stream. The first sender writes on its own thread; frames that come meanwhile are gathered and leave in
/// one write. What waits here is bounded by the calls that the worker may have at once and by the limit of their arguments.
/// </summary>
internal sealed class WorkerWriter(Stream stream)
{
    private readonly Lock _gate = new();
    private FrameBuffer _pending = new();
    private FrameBuffer _spare = new();
    private bool _flushing;
    private bool _broken;

    /// <summary>Sends what <paramref name="write"/> writes. A broken stream swallows it: the reader's end tells every call.</summary>
    public void Send<TState>(TState state, Action<FrameBuffer, TState> write)
    {
        lock (_gate)
        {
            if (_broken)
            {
                return;
            }

            Append(state, write);
            if (_flushing)
            {
                return;
            }

            _flushing = true;
        }

        _ = FlushAsync();
    }

    private void Append<TState>(TState state, Action<FrameBuffer, TState> write)
    {
        var at = _pending.Length;
        try
        {
            write(_pending, state);
        }
        catch
        {
            _pending.Truncate(at);
            throw;
        }
    }

    private async Task FlushAsync()
    {
        try
        {
            while (NextBatch() is { } batch)
            {
                await stream.WriteAsync(batch.Written, CancellationToken.None);
                batch.Clear();
            }
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException or InvalidOperationException or OperationCanceledException)
        {
            lock (_gate)
            {
                _broken = true;
            }
        }
    }

    private FrameBuffer? NextBatch()
    {
        lock (_gate)
        {
            if (_pending.Length == 0)
            {
                _flushing = false;
                return null;
            }

            (_pending, _spare) = (_spare, _pending);
            return _spare;
        }
    }
}
