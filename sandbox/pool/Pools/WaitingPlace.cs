namespace ToolRuntime.Sandbox.Pools;

/// <summary>Where a caller stands while no sandbox is free.</summary>
/// <param name="Position">1 is the next.</param>
/// <param name="Estimate">From recent boots, or null while nothing is known.</param>
/// <param name="Reason">What it waits for, as half a sentence.</param>
public sealed record WaitingPlace(int Position, TimeSpan? Estimate, string Reason);
