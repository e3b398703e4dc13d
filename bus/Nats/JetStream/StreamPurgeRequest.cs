using System.Text.Json.Serialization;

namespace ToolRuntime.Bus.Nats.JetStream;

/// <summary>Removes messages of a subject, or all.</summary>
internal sealed record StreamPurgeRequest(
    [property: JsonPropertyName("filter")] string? Filter);
