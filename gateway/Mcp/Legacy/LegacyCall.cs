using ToolRuntime.Functions;
using ToolRuntime.Gateway.Calls;

namespace ToolRuntime.Gateway.Mcp.Legacy;

/// <summary>A call of a session, with what is needed to go on with it on another stream.</summary>
/// <param name="call">The call.</param>
/// <param name="requestId">Raw id of the client's request.</param>
/// <param name="progressToken">Raw progress token, or empty.</param>
public sealed class LegacyCall(ICall call, ReadOnlyMemory<byte> requestId, ReadOnlyMemory<byte> progressToken)
{
    /// <summary>What runs.</summary>
    public ICall Call { get; } = call;

    /// <summary>What was accepted.</summary>
    public Invocation Invocation => Call.Invocation;

    /// <summary>Raw id of the client's request.</summary>
    public ReadOnlyMemory<byte> RequestId { get; } = requestId.ToArray();

    /// <summary>Raw progress token, or empty.</summary>
    public ReadOnlyMemory<byte> ProgressToken { get; } = progressToken.ToArray();

    /// <summary>Whether its last event was seen.</summary>
    public bool IsOver { get; set; }
}
