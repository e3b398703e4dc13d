using System.Text.Json.Serialization;

namespace ToolRuntime.Bus.Nats.JetStream;

/// <summary>How far a consumer has come.</summary>
internal sealed record ConsumerPlace
{
    [JsonPropertyName("stream_seq")]
    public ulong StreamSequence { get; init; }
}
