namespace ToolRuntime.Sandbox.Pools;

/// <summary>What one pool's sandboxes have in common.</summary>
/// <param name="Shape">What was decided before they booted.</param>
/// <param name="Checkpoint">Folder and id of the checkpoint that they are restored from; null for booted ones.</param>
internal readonly record struct PoolKey(BootShape Shape, string? Checkpoint);
