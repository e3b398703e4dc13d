namespace ToolRuntime.Runtime;

/// <summary>A token that ends with another one or after a time.</summary>
internal sealed class Deadline : IDisposable
{
    private readonly CancellationTokenSource _own;
    private readonly CancellationTokenSource _linked;

    /// <summary>Begins to count.</summary>
    public Deadline(TimeProvider time, TimeSpan after, CancellationToken cancellationToken)
    {
        _own = new CancellationTokenSource(after, time);
        _linked = CancellationTokenSource.CreateLinkedTokenSource(_own.Token, cancellationToken);
    }

    /// <summary>The token.</summary>
    public CancellationToken Token => _linked.Token;

    /// <summary>Whether the time has passed.</summary>
    public bool HasPassed => _own.IsCancellationRequested;

    /// <inheritdoc/>
    public void Dispose()
    {
        _linked.Dispose();
        _own.Dispose();
    }
}
