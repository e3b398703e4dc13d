namespace ToolRuntime.Sandbox.Pools;

/// <summary>The rules of sizing.</summary>
/// <param name="Maximum">Most sandboxes of the instance at once.</param>
/// <param name="WarmTarget">Warm ones per pool while there is demand.</param>
/// <param name="WarmIdle">How long demand counts.</param>
internal readonly record struct PoolRules(int Maximum, int WarmTarget, TimeSpan WarmIdle);
