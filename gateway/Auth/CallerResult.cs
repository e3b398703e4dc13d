using ToolRuntime.Functions;

namespace ToolRuntime.Gateway.Auth;

/// <summary>What step 1 found.</summary>
/// <param name="Caller">Who calls, or null when refused.</param>
/// <param name="Status">HTTP status of the refusal: 401 or 403.</param>
/// <param name="Reason">Why, and how to mend it.</param>
public readonly record struct CallerResult(Caller? Caller, int Status, string Reason);
