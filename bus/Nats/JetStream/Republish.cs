using System.Text.Json.Serialization;

namespace ToolRuntime.Bus.Nats.JetStream;

/// <summary>Where stored messages are sent again.</summary>
internal sealed record Republish(
    [property: JsonPropertyName("src")] string Source,
    [property: JsonPropertyName("dest")] string Destination);
