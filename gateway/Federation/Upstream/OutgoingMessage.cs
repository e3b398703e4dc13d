namespace ToolRuntime.Gateway.Federation.Upstream;

/// <summary>A message to a server, and what a transport must know of it without reading it.</summary>
/// <param name="Body">UTF-8 of one JSON-RPC message. Nobody may change it while the request is under way.</param>
/// <param name="Method">Its method, or null for an answer.</param>
/// <param name="Id">Its id, or 0 where it is no request.</param>
internal readonly record struct OutgoingMessage(ReadOnlyMemory<byte> Body, string? Method, long Id)
{
    /// <summary>What the header <c>Mcp-Name</c> says, or null.</summary>
    public string? Name { get; init; }

    /// <summary>Headers that mirror arguments, name and encoded value, or null.</summary>
    public IReadOnlyList<KeyValuePair<string, string>>? Parameters { get; init; }
}
