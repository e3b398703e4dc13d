using System.Text.Json.Serialization;

namespace ToolRuntime.Bus.Nats.JetStream;

/// <summary>JetStream's own description of a failure.</summary>
internal sealed record ApiError
{
    /// <summary>Kind, as in HTTP.</summary>
    [JsonPropertyName("code")]
    public int Code { get; init; }

    /// <summary>The exact error.</summary>
    [JsonPropertyName("err_code")]
    public int ErrCode { get; init; }

    /// <summary>Its text.</summary>
    [JsonPropertyName("description")]
    public string Description { get; init; } = "";
}
