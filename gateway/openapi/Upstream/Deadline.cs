namespace ToolRuntime.OpenApi.Upstream;

/// <summary>A time by which something must be done, and the token that ends with it or with what stands above.</summary>
internal sealed class Deadline : IDisposable
{
    private readonly CancellationTokenSource _timer;
    private readonly CancellationTokenSource _both;

    public Deadline(TimeSpan time, TimeProvider provider, CancellationToken above)
    {
        _timer = new CancellationTokenSource(time, provider);
        _both = CancellationTokenSource.CreateLinkedTokenSource(_timer.Token, above);
    }

    public CancellationToken Token => _both.Token;

    public void Dispose()
    {
        _both.Dispose();
        _timer.Dispose();
    }
}
