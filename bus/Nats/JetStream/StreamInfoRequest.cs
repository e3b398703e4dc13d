using System.Text.Json.Serialization;

namespace ToolRuntime.Bus.Nats.JetStream;

/// <summary>Asks for a stream's state with the messages of some subjects.</summary>
internal sealed record StreamInfoRequest(
    [property: JsonPropertyName("subjects_filter")] string SubjectsFilter);
