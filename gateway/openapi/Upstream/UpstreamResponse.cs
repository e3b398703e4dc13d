namespace ToolRuntime.OpenApi.Upstream;

/// <summary>An answer whose body is still to be read. Disposing it ends the call's turn.</summary>
public sealed class UpstreamResponse : IDisposable
{
    private readonly Deadline _deadline;
    private readonly Action _leave;
    private int _isDisposed;

    internal UpstreamResponse(HttpResponseMessage message, Uri url, Deadline deadline, Action leave) =>
        (Message, Url, _deadline, _leave) = (message, url, deadline, leave);

    /// <summary>The answer: status, headers, body.</summary>
    public HttpResponseMessage Message { get; }

    /// <summary>Where it came from in the end.</summary>
    public Uri Url { get; }

    /// <summary>Whether it came from the cache, without or after asking.</summary>
    public bool IsCached { get; init; }

    /// <summary>Ends with the time that the call has, and with the caller.</summary>
    public CancellationToken Deadline => _deadline.Token;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            Message.Dispose();
            _deadline.Dispose();
            _leave();
        }
    }
}
