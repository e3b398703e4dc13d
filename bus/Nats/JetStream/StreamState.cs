using System.Text.Json.Serialization;

namespace ToolRuntime.Bus.Nats.JetStream;

/// <summary>What is in a stream.</summary>
internal sealed record StreamState
{
    [JsonPropertyName("messages")]
    public long Messages { get; init; }

    [JsonPropertyName("bytes")]
    public long Bytes { get; init; }

    [JsonPropertyName("first_seq")]
    public ulong FirstSeq { get; init; }

    [JsonPropertyName("last_seq")]
    public ulong LastSeq { get; init; }

    [JsonPropertyName("consumer_count")]
    public int Consumers { get; init; }

    /// <summary>Messages by subject, where they were asked for.</summary>
    [JsonPropertyName("subjects")]
    public IReadOnlyDictionary<string, long>? Subjects { get; init; }
}
