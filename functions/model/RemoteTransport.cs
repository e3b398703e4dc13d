using System.Text.Json.Serialization;

namespace ToolRuntime.Functions;

/// <summary>How a remote MCP server speaks.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RemoteTransport>))]
public enum RemoteTransport
{
    /// <summary>Found out: streamable HTTP first, then HTTP with SSE.</summary>
    [JsonStringEnumMemberName("auto")]
    Auto,

    /// <summary>One URL to post to (since 2025-03-26).</summary>
    [JsonStringEnumMemberName("streamable-http")]
    StreamableHttp,

    /// <summary>A stream that names the URL to post to (2024-11-05).</summary>
    [JsonStringEnumMemberName("sse")]
    Sse,
}
