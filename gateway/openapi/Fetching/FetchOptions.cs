using ToolRuntime.OpenApi.Bodies;

namespace ToolRuntime.OpenApi.Fetching;

/// <summary>Bounds of fetched documents.</summary>
public sealed record FetchOptions
{
    /// <summary>Most time for a connection.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Most time for one document, redirects included.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Size of one document.</summary>
    public BodyLimits Body { get; init; } = new();

    /// <summary>Most redirects of one document.</summary>
    public int MaxRedirects { get; init; } = 5;

    /// <summary>Most documents that one document's references may lead to.</summary>
    public int MaxDocuments { get; init; } = 200;

    /// <summary>Most bytes of all these together.</summary>
    public long MaxTotalBytes { get; init; } = 256 * 1024 * 1024;
}
