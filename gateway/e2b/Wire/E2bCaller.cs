using ToolRuntime.Functions;

namespace ToolRuntime.E2b.Wire;

/// <summary>Who asks on the control plane, or why nobody was let in.</summary>
/// <param name="Caller">Who, or null.</param>
/// <param name="Status">HTTP status where nobody.</param>
/// <param name="Reason">Why nobody.</param>
public readonly record struct E2bCaller(Caller? Caller, int Status, string Reason);
