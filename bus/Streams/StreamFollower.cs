namespace ToolRuntime.Bus.Streams;

/// <summary>One reader that waits for what comes. Holds no chunks itself: it shares those of all readers of the stream in this process, and reads the store where it has fallen behind. For one thread at a time.</summary>
public sealed class StreamFollower : IDisposable
{
    private readonly DurableStreams _streams;
    private readonly StreamEntry _entry;
    private bool _isDisposed;

    internal StreamFollower(DurableStreams streams, StreamEntry entry)
    {
        _streams = streams;
        _entry = entry;
    }

    /// <summary>
    /// The chunks after a place, as soon as there are any; without chunks where the stream was closed there, or <paramref name="patience"/> is
    /// over. Null where the stream is gone.
    /// </summary>
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
    public void Dispose()
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            _streams.Leave(_entry);
        }
    }
}
