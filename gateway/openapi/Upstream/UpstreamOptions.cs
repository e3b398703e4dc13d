namespace ToolRuntime.OpenApi.Upstream;

/// <summary>Manners and bounds of calls to one source.</summary>
public sealed record UpstreamOptions
{
    /// <summary>Most time for a connection.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Most time until the headers of one try are there.</summary>
    public TimeSpan FirstByteTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Most time for the whole call: retries, waits, redirects and the body.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>Most redirects.</summary>
    public int MaxRedirects { get; init; } = 5;

    /// <summary>Most further tries, for methods that may be repeated.</summary>
    public int MaxRetries { get; init; } = 2;

    /// <summary>The first wait between tries; it doubles, with jitter.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Longest <c>Retry-After</c> that is waited for; beyond it the caller gets the answer.</summary>
    public TimeSpan MaxRetryAfter { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Most calls at a time.</summary>
    public int MaxConcurrent { get; init; } = 64;

    /// <summary>Most calls that wait for their turn; further ones are refused.</summary>
    public int MaxWaiting { get; init; } = 256;

    /// <summary>Most calls a second, in the mean over a burst of the same number; 0 for no such bound.</summary>
    public int MaxPerSecond { get; init; }

    /// <summary>Share of failures from which on an upstream is left alone.</summary>
    public double CircuitFailureRatio { get; init; } = 0.5;

    /// <summary>Fewest calls by which that share is judged.</summary>
    public int CircuitMinimum { get; init; } = 10;

    /// <summary>Over what time it is judged.</summary>
    public TimeSpan CircuitWindow { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the upstream is left alone.</summary>
    public TimeSpan CircuitBreak { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Most connections to one host.</summary>
    public int MaxConnections { get; init; } = 64;

    /// <summary>How long a connection is used before the host's name is resolved and checked anew.</summary>
    public TimeSpan ConnectionLifetime { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Largest headers of an answer, in KiB.</summary>
    public int MaxHeaderKilobytes { get; init; } = 64;

    /// <summary>Most bytes of cached answers; 0 for no cache.</summary>
    public long MaxCacheBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>Largest answer that is cached, in bytes.</summary>
    public int MaxCachedBody { get; init; } = 1024 * 1024;

    /// <summary>The header <c>User-Agent</c>.</summary>
    public string UserAgent { get; init; } = "ToolRuntime";
}
