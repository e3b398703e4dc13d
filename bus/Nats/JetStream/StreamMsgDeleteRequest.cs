using System.Text.Json.Serialization;

namespace ToolRuntime.Bus.Nats.JetStream;

/// <summary>Removes one message.</summary>
internal sealed record StreamMsgDeleteRequest(
    [property: JsonPropertyName("seq")] ulong Seq,
    [property: JsonPropertyName("no_erase")] bool NoErase);
