namespace ToolRuntime.Gateway.Mcp.Legacy;

/// <summary>Bounds of the sessions of clients before 2026-07-28.</summary>
public sealed record LegacyOptions
{
    /// <summary>A session that is not used for so long is gone.</summary>
    public TimeSpan SessionIdle { get; init; } = TimeSpan.FromHours(2);

    /// <summary>Most sessions at once; when full, the one idle for longest goes.</summary>
    public int MaximumSessions { get; init; } = 10_000;

    /// <summary>What clients are told to wait before they resume a stream.</summary>
    public TimeSpan Retry { get; init; } = TimeSpan.FromSeconds(1);
}
