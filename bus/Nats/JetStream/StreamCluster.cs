using System.Text.Json.Serialization;

namespace ToolRuntime.Bus.Nats.JetStream;

/// <summary>Where a stream lies in a cluster.</summary>
internal sealed record StreamCluster
{
    /// <summary>Name of the server that leads it, or null while none does.</summary>
    [JsonPropertyName("leader")]
    public string? Leader { get; init; }
}
