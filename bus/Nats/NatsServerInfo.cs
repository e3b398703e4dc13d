using System.Text.Json.Serialization;

namespace ToolRuntime.Bus.Nats;

/// <summary>What the server says of itself in INFO.</summary>
internal sealed record NatsServerInfo
{
    /// <summary>Its id.</summary>
    [JsonPropertyName("server_id")]
    public string Id { get; init; } = "";

    /// <summary>Its version; features are gated by it because old servers ignore unknown fields silently.</summary>
    [JsonPropertyName("version")]
    public string Version { get; init; } = "";

    /// <summary>Largest message with its headers, bytes.</summary>
    [JsonPropertyName("max_payload")]
    public int MaxPayload { get; init; } = 1024 * 1024;

    /// <summary>Whether it takes headers.</summary>
    [JsonPropertyName("headers")]
    public bool HeadersSupported { get; init; }

    /// <summary>What a client with an nkey signs, or null.</summary>
    [JsonPropertyName("nonce")]
    public string? Nonce { get; init; }

    /// <summary>Whether it takes TLS only.</summary>
    [JsonPropertyName("tls_required")]
    public bool TlsRequired { get; init; }

    /// <summary>Whether it is about to end (lame duck).</summary>
    [JsonPropertyName("ldm")]
    public bool LameDuckMode { get; init; }

    /// <summary>Other servers of its cluster, <c>host:port</c>.</summary>
    [JsonPropertyName("connect_urls")]
    public IReadOnlyList<string>? ClientConnectUrls { get; init; }
}
