using System.Text.Json.Serialization;

namespace ToolRuntime.Bus.Nats.JetStream;

/// <summary>Removes messages of a subject, or all; where a sequence is given, only those before it.</summary>
internal sealed record StreamPurgeRequest(
    [property: JsonPropertyName("filter")] string? Filter,
    [property: JsonPropertyName("seq")] ulong? Before = null);
