namespace ToolRuntime.Gateway.Mcp.Wire;

/// <summary>A protocol error on its way to the client.</summary>
public sealed class JsonRpcException(int code, string message, ReadOnlyMemory<byte> id = default, string? data = null) : Exception(message)
{
    /// <summary>JSON-RPC error code.</summary>
    public int Code { get; } = code;

    /// <summary>The request's id, as far as it was read.</summary>
    public ReadOnlyMemory<byte> Id { get; } = id;

    /// <summary>Raw JSON of the error's data, or null.</summary>
    public string? ErrorData { get; } = data;

    /// <summary>The HTTP status of the error in the modern era; 200 for errors that are answers.</summary>
    public int Status => Code switch
    {
        JsonRpcCodes.MethodNotFound => 404,
        JsonRpcCodes.ParseError or JsonRpcCodes.InvalidRequest => 400,
        JsonRpcCodes.HeaderMismatch or JsonRpcCodes.MissingClientCapability or JsonRpcCodes.UnsupportedVersion => 400,
        _ => 200,
    };
}
