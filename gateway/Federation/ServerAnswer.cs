using ToolRuntime.Functions;
using ToolRuntime.Gateway.Federation.Upstream;
using ToolRuntime.Gateway.Payloads;

namespace ToolRuntime.Gateway.Federation;

/// <summary>What became of a request of the gateway's own: a raw result, a raw error, or no answer.</summary>
internal readonly record struct ServerAnswer(ReadOnlyMemory<byte> Result, ReadOnlyMemory<byte> Error, UpstreamFailure? Failure)
{
    /// <summary>Whether there is a result.</summary>
    public bool IsResult => Failure is null && Error.IsEmpty;

    /// <summary>The error's code, or 0.</summary>
    public int ErrorCode => System.Buffers.Text.Utf8Parser.TryParse(RawJson.Member(Error, "code"u8).Span, out int code, out _) ? code : 0;

    /// <summary>Why there is no result.</summary>
    public UpstreamFailure Reason => Failure
        ?? new UpstreamFailure(new FunctionFault(FaultCode.UpstreamFailed, $"the MCP server refused: {RawJson.Text(RawJson.Member(Error, "message"u8))}"));
}
