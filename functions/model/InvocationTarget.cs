namespace ToolRuntime.Functions;

internal sealed record InvocationTarget(string Pool, string Function, string Version, string Tool);
