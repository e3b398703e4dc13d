namespace ToolRuntime.Sandbox.Pools;

/// <summary>What to do with one pool: start so many, or end so many of its warm ones.</summary>
/// <param name="Boot">Sandboxes to start.</param>
/// <param name="End">Warm sandboxes to end.</param>
internal readonly record struct PoolChange(int Boot, int End);
