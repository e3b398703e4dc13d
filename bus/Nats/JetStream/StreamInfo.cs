using System.Text.Json.Serialization;

namespace ToolRuntime.Bus.Nats.JetStream;

/// <summary>What the server says of a stream.</summary>
internal sealed record StreamInfo
{
    [JsonPropertyName("config")]
    public StreamConfig? Config { get; init; }

    [JsonPropertyName("state")]
    public StreamState State { get; init; } = new();

    /// <summary>Where it lies in a cluster, or null.</summary>
    [JsonPropertyName("cluster")]
    public StreamCluster? Cluster { get; init; }

    [JsonPropertyName("error")]
    public ApiError? Error { get; init; }
}
