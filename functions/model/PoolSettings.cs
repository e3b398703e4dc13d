namespace ToolRuntime.Functions;

/// <summary>How many sandboxes stand ready.</summary>
public sealed record PoolSettings
{
    /// <summary>Sandboxes of this function that stay when idle, 0 to 1,000.</summary>
    public int Min { get; init; }

    /// <summary>Most sandboxes of this function at once, 1 to 1,000.</summary>
    public int Max { get; init; } = 8;

    /// <summary>Seconds without a call until a sandbox is ended, 1 to 86,400.</summary>
    public int IdleSeconds { get; init; } = 300;

    /// <summary>Whether the instance is ready only once a sandbox of this function is warm.</summary>
    public bool Warm { get; init; }
}
