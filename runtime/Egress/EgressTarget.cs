namespace ToolRuntime.Runtime.Egress;

/// <summary>What somebody in a sandbox wants to reach.</summary>
/// <param name="Host">The host.</param>
/// <param name="Port">Its TCP port.</param>
/// <param name="Method">Method of a request that can be read; null where only a connection is asked for.</param>
/// <param name="Path">Path and query of that request.</param>
internal sealed record EgressTarget(EgressHost Host, int Port, string? Method = null, string? Path = null);
