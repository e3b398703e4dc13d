using System.Text.Json.Serialization;

namespace ToolRuntime.Bus.Nats.JetStream;

/// <summary>An answer of which only the error counts.</summary>
internal sealed record ApiResponse
{
    /// <summary>Consumers of the account, where the account was asked about.</summary>
    [JsonPropertyName("consumers")]
    public long Consumers { get; init; }

    [JsonPropertyName("error")]
    public ApiError? Error { get; init; }
}
