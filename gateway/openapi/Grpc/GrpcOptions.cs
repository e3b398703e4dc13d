namespace ToolRuntime.OpenApi.Grpc;

/// <summary>Bounds of calls to a gRPC server.</summary>
public sealed record GrpcOptions
{
    /// <summary>Most time for a connection.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Most time for one call.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Largest message, in bytes.</summary>
    public int MaxMessageBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>Most services that are read.</summary>
    public int MaxServices { get; init; } = 500;

    /// <summary>Most files of descriptions that are read.</summary>
    public int MaxFiles { get; init; } = 2000;
}
