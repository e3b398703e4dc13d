using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Agent;
using ToolRuntime.Sandbox.Checkpoints;

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

    /// <summary>
    /// Suspends the sandbox into <paramref name="folder"/>, which must not be there and holds secrets afterwards: whatever the sandbox held in
    /// memory. The lease has ended then, and <see cref="WarmPools.RestoreAsync"/> goes on from the folder, once or many times. The token
    /// counts until the sandbox stands still. Who wants the room back deletes the folder.
    /// </summary>
    /// <exception cref="FunctionFaultException">CheckpointRefused: it cannot be suspended, and lives on. SandboxLost: it could not be written, and is lost.</exception>
    Task<SandboxCheckpoint> CheckpointAsync(string folder, CancellationToken cancellationToken);
}
