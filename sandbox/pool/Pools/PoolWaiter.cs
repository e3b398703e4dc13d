namespace ToolRuntime.Sandbox.Pools;

/// <summary>A caller that waits for a sandbox.</summary>
/// <param name="Place">Told whenever the place changes.</param>
internal sealed record PoolWaiter(IProgress<WaitingPlace>? Place)
{
    /// <summary>Gets the sandbox, or the fault.</summary>
    public TaskCompletionSource<WarmSandbox> Sandbox { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
