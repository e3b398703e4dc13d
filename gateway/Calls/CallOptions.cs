namespace ToolRuntime.Gateway.Calls;

/// <summary>How the gateway waits for calls.</summary>
public sealed record CallOptions
{
    /// <summary>A caller without an answer for so long gets a stream with keep-alives instead of a silent connection.</summary>
    public TimeSpan UpgradeAfter { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Time between keep-alive comments on streams.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long after the deadline the gateway still waits for the runtime's own last event.</summary>
    public TimeSpan DeadlineGrace { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long a question to the client may stay open before its state is no longer taken.</summary>
    public TimeSpan InputLifetime { get; init; } = TimeSpan.FromHours(1);
}
