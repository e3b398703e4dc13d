namespace ToolRuntime.Gateway.Mcp.Wire;

/// <summary>JSON-RPC's codes and those of MCP 2026-07-28.</summary>
public static class JsonRpcCodes
{
    /// <summary>The body is no JSON.</summary>
    public const int ParseError = -32700;

    /// <summary>The body is no JSON-RPC message.</summary>
    public const int InvalidRequest = -32600;

    /// <summary>No such method.</summary>
    public const int MethodNotFound = -32601;

    /// <summary>The parameters are wrong.</summary>
    public const int InvalidParams = -32602;

    /// <summary>A bug or an outage.</summary>
    public const int InternalError = -32603;

    /// <summary>No such resource (before 2026-07-28).</summary>
    public const int ResourceNotFound = -32002;

    /// <summary>A header and the body disagree (2026-07-28).</summary>
    public const int HeaderMismatch = -32020;

    /// <summary>The client did not declare a capability that the request needs (2026-07-28).</summary>
    public const int MissingClientCapability = -32021;

    /// <summary>The revision is not served (2026-07-28).</summary>
    public const int UnsupportedVersion = -32022;
}
