using ToolRuntime.Sandbox.Agent;

namespace ToolRuntime.Sandbox.Pools;

/// <summary>A sandbox that is ours alone until disposed; disposing ends it. Its resident worker's id is <see cref="WorkerId"/>.</summary>
public interface ISandboxLease : IAsyncDisposable
{
    /// <summary>The sandbox's id.</summary>
    string SandboxId { get; }

    /// <summary>The channel to its agent.</summary>
    AgentClient Agent { get; }

    /// <summary>Id of the resident worker that has said READY.</summary>
    string WorkerId { get; }

    /// <summary>The worker's control stream, READY already read from it.</summary>
    Stream Worker { get; }

    /// <summary>Ends when the sandbox has ended, with the reason; never faults.</summary>
    Task<SandboxEnd> Ended { get; }
}
