namespace ToolRuntime.OpenApi.Responses;

/// <summary>Bounds of what is kept for reading on.</summary>
public sealed record ContinuationOptions
{
    /// <summary>Most bytes, of all together; the oldest go first.</summary>
    public long MaxBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>Most of them.</summary>
    public int MaxEntries { get; init; } = 256;

    /// <summary>How long one is kept.</summary>
    public TimeSpan Lifetime { get; init; } = TimeSpan.FromMinutes(10);
}
