using ToolRuntime.Functions;

namespace ToolRuntime.Gateway.Federation.Upstream;

/// <summary>Why a request to a server has no answer.</summary>
/// <param name="Fault">What its caller is told.</param>
/// <param name="Status">HTTP status that the server gave, or 0.</param>
internal sealed record UpstreamFailure(FunctionFault Fault, int Status = 0);
