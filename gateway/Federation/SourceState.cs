using ToolRuntime.Functions;

namespace ToolRuntime.Gateway.Federation;

/// <summary>How a server was when it was last tried.</summary>
/// <param name="Fault">Why it did not answer; null when it did.</param>
/// <param name="Since">When that was.</param>
public sealed record SourceState(FunctionFault? Fault, DateTimeOffset Since);
