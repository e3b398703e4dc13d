namespace ToolRuntime.Bus.Streams;

/// <summary>Holds no chunks itself: it shares those of all readers of the stream in this process, and reads the store where it has fallen behind.</summary>
internal sealed class StreamFollower : IStreamFollower
{
    private readonly DurableStreams _streams;
    private readonly StreamEntry _entry;
    private bool _isDisposed;

    internal StreamFollower(DurableStreams streams, StreamEntry entry)
    {
        _streams = streams;
        _entry = entry;
    }

    /// <inheritdoc/>
    public async ValueTask<StreamPage?> NextAsync(StreamOffset from, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var deadline = patience > TimeSpan.Zero ? Task.Delay(patience, _streams.Time, ending.Token) : Task.CompletedTask;
        try
        {
            while (true)
            {
                var (stream, changed) = await _streams.WatchAsync(_entry, cancellationToken);
                if (stream is not { State.IsDeleted: false })
                {
                    return null;
                }

                if (stream.State.Position > from.Position)
                {
                    return await _streams.ReadSharedAsync(_entry, stream, from, cancellationToken);
                }

                if (stream.State.IsClosed || deadline.IsCompleted)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    return new StreamPage(stream, [], stream.Tail, IsGone: false);
                }

                await Task.WhenAny(changed, deadline);
            }
        }
        finally
        {
            await ending.CancelAsync();
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            _streams.Leave(_entry);
        }

        return ValueTask.CompletedTask;
    }
}
