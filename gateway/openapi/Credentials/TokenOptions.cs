namespace ToolRuntime.OpenApi.Credentials;

/// <summary>Bounds of getting tokens.</summary>
public sealed record TokenOptions
{
    /// <summary>Most time for one token.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How long before its end a token is used no more; at most a tenth of its life.</summary>
    public TimeSpan Skew { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a token is taken to live that does not say.</summary>
    public TimeSpan DefaultLifetime { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Most tokens that are kept; the ones that end first go first.</summary>
    public int MaxTokens { get; init; } = 1024;
}
