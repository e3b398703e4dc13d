using ToolRuntime.Sandbox.Agent;

namespace ToolRuntime.Sandbox.Pools;

/// <summary>A leased sandbox; disposing ends it and tells the pools.</summary>
internal sealed class SandboxLease : ISandboxLease
{
    private readonly WarmSandbox _sandbox;
    private readonly Func<WarmSandbox, ValueTask> _release;

    /// <summary>A lease of <paramref name="sandbox"/>, given back through <paramref name="release"/>.</summary>
    public SandboxLease(WarmSandbox sandbox, Func<WarmSandbox, ValueTask> release)
    {
        _sandbox = sandbox;
        _release = release;
    }

    /// <inheritdoc/>
    public string SandboxId => _sandbox.Sandbox.Id;

    /// <inheritdoc/>
    public AgentClient Agent => _sandbox.Agent;

    /// <inheritdoc/>
    public string WorkerId => _sandbox.WorkerId;

    /// <inheritdoc/>
    public Stream Worker => _sandbox.Worker;

    /// <inheritdoc/>
    public Task<SandboxEnd> Ended => _sandbox.Ended;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _release(_sandbox);
}
