using System.Text.Json.Serialization;

namespace ToolRuntime.Bus.Nats.JetStream;

/// <summary>Asks for the next messages of a pull consumer.</summary>
internal sealed record ConsumerGetNextRequest(
    [property: JsonPropertyName("batch")] int Batch,
    [property: JsonPropertyName("expires")] long Expires,
    [property: JsonPropertyName("idle_heartbeat")] long IdleHeartbeat);
