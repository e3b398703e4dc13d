namespace ToolRuntime.Sandbox.Agent.Egress;

/// <summary>A request that the proxy refuses.</summary>
internal sealed class ProxyException(int status, string message) : Exception(message)
{
    /// <summary>An HTTP status, or the reply of SOCKS5.</summary>
    internal int Status { get; } = status;
}
