namespace ToolRuntime.Sandbox.Pools;

/// <summary>What one pool's sandboxes have in common.</summary>
/// <param name="Shape">What was decided before they booted.</param>
/// <param name="Checkpoint">Folder and id of the checkpoint that they are restored from; null for others.</param>
/// <param name="IsFresh">Whether each is booted for its lease.</param>
internal readonly record struct PoolKey(BootShape Shape, string? Checkpoint, bool IsFresh = false);
