namespace ToolRuntime.OpenApi.Bodies;

/// <summary>Bounds of what is read from an upstream.</summary>
public sealed record BodyLimits
{
    /// <summary>Most bytes after decompression.</summary>
    public long MaxBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>Most that one compressed byte may become, once <see cref="RatioFrom"/> is passed; honest text stays below 50.</summary>
    public int MaxRatio { get; init; } = 200;

    /// <summary>Bytes after decompression below which no ratio is asked for.</summary>
    public long RatioFrom { get; init; } = 1024 * 1024;
}
