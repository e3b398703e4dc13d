namespace ToolRuntime.Bus.Jobs;

/// <summary>Who moves delayed calls at present.</summary>
/// <param name="Holder">The process.</param>
/// <param name="Expires">When another may.</param>
internal sealed record SweeperLease(string Holder, DateTimeOffset Expires);
