namespace ToolRuntime.Sandbox.Protocol;

/// <summary>How a program in the sandbox asked for a connection.</summary>
public static class EgressKind
{
    /// <summary>HTTP CONNECT: bytes that the host cannot read, mostly TLS.</summary>
    public const string Connect = "connect";

    /// <summary>One plain HTTP request, its head first.</summary>
    public const string Http = "http";

    /// <summary>SOCKS5.</summary>
    public const string Socks = "socks";
}
