namespace ToolRuntime.Sandbox.Pools;

/// <summary>What is known of one pool when its size is decided.</summary>
/// <param name="Warm">Free warm sandboxes.</param>
/// <param name="Booting">Sandboxes on their way.</param>
/// <param name="Waiting">Callers that wait for one.</param>
/// <param name="LastDemand">When one was last asked for, or null when never.</param>
/// <param name="SparesFrom">Before this no spare is booted: who just asked has the processors to himself. Null for no such time.</param>
internal readonly record struct PoolState(int Warm, int Booting, int Waiting, DateTimeOffset? LastDemand, DateTimeOffset? SparesFrom = null);
