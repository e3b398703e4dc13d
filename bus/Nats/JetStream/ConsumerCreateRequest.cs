using System.Text.Json.Serialization;

namespace ToolRuntime.Bus.Nats.JetStream;

/// <summary>Asks for a consumer.</summary>
internal sealed record ConsumerCreateRequest(
    [property: JsonPropertyName("stream_name")] string StreamName,
    [property: JsonPropertyName("config")] ConsumerConfig Config);
