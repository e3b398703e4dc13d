namespace ToolRuntime.Bus.Streams;

/// <summary>Streams that are read and appended to by the Durable Streams protocol: those that callers make, and the topics of sessions.</summary>
public interface IDurableStreams
{
    /// <summary>Their bounds.</summary>
    StreamOptions Options { get; }

    /// <summary>The stream as it stands, or null.</summary>
    ValueTask<StoredState?> FindAsync(StreamKey key, CancellationToken cancellationToken);

    /// <summary>Appends, once: what is acknowledged is stored, and a producer's batch that comes again is not stored again.</summary>
    ValueTask<AppendResult> AppendAsync(StreamKey key, AppendRequest request, CancellationToken cancellationToken);

    /// <summary>The chunks after a place, as many as <see cref="StreamOptions.PageBytes"/> hold; at least one where there is one.</summary>
    ValueTask<StreamPage> ReadAsync(StoredState stream, StreamOffset from, CancellationToken cancellationToken);

    /// <summary>Notes that a stream is in use.</summary>
    ValueTask TouchAsync(StoredState stream, CancellationToken cancellationToken);

    /// <summary>Follows a stream; null where as many do as may.</summary>
    IStreamFollower? TryFollow(StreamKey key);
}
