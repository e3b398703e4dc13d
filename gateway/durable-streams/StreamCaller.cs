using ToolRuntime.Functions;

namespace ToolRuntime.Streams;

/// <summary>Who asks, or why nobody was let in.</summary>
/// <param name="Caller">Who, or null.</param>
/// <param name="Status">HTTP status where nobody.</param>
/// <param name="Reason">Why nobody.</param>
public readonly record struct StreamCaller(Caller? Caller, int Status, string Reason);
