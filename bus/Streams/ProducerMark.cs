using System.Text.Json.Serialization;

namespace ToolRuntime.Bus.Streams;

/// <summary>How far an idempotent producer has come.</summary>
/// <param name="Id">The producer.</param>
/// <param name="Epoch">Its epoch.</param>
/// <param name="Sequence">Its last accepted batch in that epoch.</param>
public sealed record ProducerMark(
    [property: JsonPropertyName("i")] string Id,
    [property: JsonPropertyName("e")] long Epoch,
    [property: JsonPropertyName("s")] long Sequence);
