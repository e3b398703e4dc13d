using System.Text.Json.Serialization;

namespace ToolRuntime.Bus.Nats.JetStream;

/// <summary>Asks for one stored message: by sequence, or the last of a subject.</summary>
internal sealed record StreamMsgGetRequest
{
    [JsonPropertyName("seq")]
    public ulong? Seq { get; init; }

    [JsonPropertyName("last_by_subj")]
    public string? LastBySubj { get; init; }

    [JsonPropertyName("next_by_subj")]
    public string? NextBySubj { get; init; }
}
