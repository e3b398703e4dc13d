namespace ToolRuntime.Functions;

internal sealed record InvocationOrigin(string? Parent, IReadOnlyList<string> Chain, string? TraceParent, string? TraceState);
