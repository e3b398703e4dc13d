using ToolRuntime.OpenApi.Faults;

namespace ToolRuntime.OpenApi.Upstream;

/// <summary>How many calls of a source run at a time and start within a second; a bounded number of others wait.</summary>
internal sealed class CallGate(UpstreamOptions options, TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim _running = new(options.MaxConcurrent);
    private readonly Lock _lock = new();
    private int _waiting;
    private double _tokens = options.MaxPerSecond;
    private long _filled = time.GetTimestamp();

    /// <summary>Waits for a turn; disposing what is returned ends it.</summary>
    /// <exception cref="ApiFaultException">Too many wait, or too many have started.</exception>
    public async ValueTask EnterAsync(string host, CancellationToken cancellationToken)
    {
        if (options.MaxPerSecond > 0 && !TryTake())
        {
            throw new ApiFaultException(ApiFaultCode.Busy, $"more than {options.MaxPerSecond} calls a second to {host}", "try again in a second");
        }

        if (_running.Wait(0, CancellationToken.None))
        {
            return;
        }

        if (Interlocked.Increment(ref _waiting) > options.MaxWaiting)
        {
            Interlocked.Decrement(ref _waiting);
            throw new ApiFaultException(ApiFaultCode.Busy, $"{options.MaxConcurrent} calls to {host} are running and {options.MaxWaiting} are waiting", "try again later");
        }

        try
        {
            await _running.WaitAsync(cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    /// <summary>Ends a turn.</summary>
    public void Leave() => _running.Release();

    public void Dispose() => _running.Dispose();

    private bool TryTake()
    {
        lock (_lock)
        {
            var now = time.GetTimestamp();
            _tokens = Math.Min(options.MaxPerSecond, _tokens + (time.GetElapsedTime(_filled, now).TotalSeconds * options.MaxPerSecond));
            _filled = now;
            if (_tokens < 1)
            {
                return false;
            }

            _tokens--;
            return true;
        }
    }
}
