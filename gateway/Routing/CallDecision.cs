namespace ToolRuntime.Gateway.Routing;

/// <summary>What the policy says of one call.</summary>
/// <param name="IsAllowed">Whether it may go on.</param>
/// <param name="Record">What the record says: <c>allow</c> or <c>deny: …</c>.</param>
public readonly record struct CallDecision(bool IsAllowed, string Record);
