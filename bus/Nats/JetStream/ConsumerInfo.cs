using System.Text.Json.Serialization;

namespace ToolRuntime.Bus.Nats.JetStream;

/// <summary>What the server says of a consumer.</summary>
internal sealed record ConsumerInfo
{
    [JsonPropertyName("name")]
    public string Name { get; init; } = "";

    [JsonPropertyName("num_ack_pending")]
    public long NumAckPending { get; init; }

    /// <summary>Pulls that wait for messages.</summary>
    [JsonPropertyName("num_waiting")]
    public long NumWaiting { get; init; }

    [JsonPropertyName("num_pending")]
    public long NumPending { get; init; }

    [JsonPropertyName("delivered")]
    public ConsumerPlace? Delivered { get; init; }

    /// <summary>Everything up to it is settled.</summary>
    [JsonPropertyName("ack_floor")]
    public ConsumerPlace? AckFloor { get; init; }

    [JsonPropertyName("error")]
    public ApiError? Error { get; init; }
}
