namespace ToolRuntime.OpenApi.Requests;

/// <summary>Bounds and choices of written requests.</summary>
public sealed record RequestOptions
{
    /// <summary>Longest URL, in characters.</summary>
    public int MaxUrlLength { get; init; } = 32 * 1024;

    /// <summary>Longest value of one header, in characters; of all cookies together too.</summary>
    public int MaxHeaderLength { get; init; } = 16 * 1024;

    /// <summary>Largest body, in bytes.</summary>
    public long MaxBodyLength { get; init; } = 64 * 1024 * 1024;

    /// <summary>Whether a line break may stand in a query value, percent-encoded (queries in a language of several lines); refused else.</summary>
    public bool AllowsLineBreaksInQuery { get; init; }
}
