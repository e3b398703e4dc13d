using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Agent;
using ToolRuntime.Sandbox.Backends;
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

    /// <summary>Whether it stands still: it was frozen, or rests, and was not used since.</summary>
    bool IsFrozen { get; }

    /// <summary>Takes the processors from it, where its backend can; its memory stays. It goes on with whatever is sent to it.</summary>
    void Freeze();

    /// <summary>What its backend can.</summary>
    SandboxCapabilities Capabilities { get; }

    /// <summary>Ends when the sandbox has ended, with the reason; never faults.</summary>
    Task<SandboxEnd> Ended { get; }

    /// <summary>Why its channel closed, and the last of what its backend and its agent wrote to their standard error, at most 16 KiB.</summary>
    string LastWords { get; }

    /// <summary>Whether it came out of a snapshot: others may have the same state, so what is random in it has to be seeded anew.</summary>
    bool RestoredFromSnapshot { get; }

    /// <summary>
    /// Suspends the sandbox into <paramref name="folder"/>, which must not be there and holds secrets afterwards: whatever the sandbox held in
    /// memory. The lease has ended then, and <see cref="WarmPools.RestoreAsync"/> goes on from the folder, once or many times. The token
    /// counts until the sandbox stands still. Who wants the room back deletes the folder.
    /// </summary>
    /// <exception cref="FunctionFaultException">CheckpointRefused: it cannot be suspended, and lives on. SandboxLost: it could not be written, and is lost.</exception>
    Task<SandboxCheckpoint> CheckpointAsync(string folder, CancellationToken cancellationToken);

    /// <summary>
    /// Archives what the sandbox has changed of its files since it booted into <paramref name="folder"/>, which must not be there. It goes on
    /// meanwhile, so what changes in that moment is there or not. Owners, modes, links, times and attributes <c>user.*</c> are kept, and what
    /// was deleted is known; sockets and devices are not kept.
    /// </summary>
    /// <exception cref="FunctionFaultException">CheckpointRefused: they cannot be kept. The sandbox lives on.</exception>
    Task<FilesArchive> ArchiveFilesAsync(string folder, CancellationToken cancellationToken);

    /// <summary>Puts the files that were archived into <paramref name="folder"/> into this sandbox, a fresh one of the same image.</summary>
    /// <exception cref="FunctionFaultException">CheckpointRefused: they are damaged, or do not fit.</exception>
    Task RestoreFilesAsync(string folder, CancellationToken cancellationToken);
}
