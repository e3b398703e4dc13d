namespace ToolRuntime.Bus;

/// <summary>Whether the message server stores, as this process last found.</summary>
/// <param name="Problem">Why not, for people; null where it does.</param>
/// <param name="StoreTime">How long the last canary took to be stored.</param>
public sealed record BusHealth(string? Problem, TimeSpan StoreTime);
