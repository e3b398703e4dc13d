using ToolRuntime.Sandbox.Pools;

namespace ToolRuntime.Runtime.Sandboxes;

/// <summary>The calls of one key that wait for a sandbox which is being made: all are told what the machine's pools say.</summary>
internal sealed class PoolWaiters(FunctionPool pool, SandboxKey key) : IProgress<WaitingPlace>
{
    /// <inheritdoc/>
    public void Report(WaitingPlace value) => pool.Tell(key, value);
}
