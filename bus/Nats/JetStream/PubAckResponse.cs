using System.Text.Json.Serialization;

namespace ToolRuntime.Bus.Nats.JetStream;

/// <summary>Where a published message was stored.</summary>
internal sealed record PubAckResponse
{
    [JsonPropertyName("stream")]
    public string Stream { get; init; } = "";

    [JsonPropertyName("seq")]
    public ulong Seq { get; init; }

    /// <summary>Whether a message of the same id stood there already; the sequence is that one's.</summary>
    [JsonPropertyName("duplicate")]
    public bool Duplicate { get; init; }

    [JsonPropertyName("error")]
    public ApiError? Error { get; init; }
}
