using System.Text.Json.Serialization;

namespace ToolRuntime.Bus.Streams;

/// <summary>Where a fork left its source.</summary>
/// <param name="Path">The source, of the same tenant.</param>
/// <param name="Position">Chunks of the source that the fork begins with.</param>
/// <param name="Sequence">Stored sequence of the last of them, or 0.</param>
/// <param name="Part">Bytes (JSON: values) of the next chunk that the fork begins with as well.</param>
public sealed record ForkOrigin(
    [property: JsonPropertyName("p")] string Path,
    [property: JsonPropertyName("n")] ulong Position,
    [property: JsonPropertyName("q")] ulong Sequence,
    [property: JsonPropertyName("u")] long Part);
