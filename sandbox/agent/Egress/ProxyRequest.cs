namespace ToolRuntime.Sandbox.Agent.Egress;

/// <summary>What a program asks the HTTP proxy for.</summary>
/// <param name="Host">Name or address; an IPv6 address without brackets.</param>
/// <param name="Port">Its port.</param>
/// <param name="Method">Method of a plain request; null for CONNECT.</param>
/// <param name="Path">Path and query of a plain request.</param>
/// <param name="Forward">The head as the server gets it.</param>
/// <param name="Body">Bytes that belong to it behind the head; the largest number where they come in chunks.</param>
internal sealed record ProxyRequest(string Host, int Port, string? Method = null, string? Path = null, byte[]? Forward = null, long Body = 0);
