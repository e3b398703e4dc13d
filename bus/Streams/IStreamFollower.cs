namespace ToolRuntime.Bus.Streams;

/// <summary>One reader that waits for what comes. For one thread at a time.</summary>
public interface IStreamFollower : IAsyncDisposable
{
    /// <summary>
    /// The chunks after a place, as soon as there are any; without chunks where the stream was closed there, or <paramref name="patience"/> is
    /// over. Null where the stream is gone.
    /// </summary>
    ValueTask<StreamPage?> NextAsync(StreamOffset from, TimeSpan patience, CancellationToken cancellationToken);
}
