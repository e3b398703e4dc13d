using System.Text.Json.Serialization;

namespace ToolRuntime.Bus.Nats.JetStream;

/// <summary>An answer of which only the error counts.</summary>
internal sealed record ApiResponse
{
    [JsonPropertyName("error")]
    public ApiError? Error { get; init; }
}
