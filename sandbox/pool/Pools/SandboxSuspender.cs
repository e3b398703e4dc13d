using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Checkpoints;
using ToolRuntime.Sandbox.Native;
using ToolRuntime.Sandbox.Runsc;

namespace ToolRuntime.Sandbox.Pools;

/// <summary>
/// Suspends sandboxes into folders. What can fail is tried first, while the sandbox still lives: room on the disk, its root's further name.
/// From the suspension on there is no way back, for gVisor ends a sandbox whose memory it could not write.
/// </summary>
internal sealed class SandboxSuspender(RunscBackend backend, CheckpointPlace place, TimeProvider time)
{
    // Beyond memory: what gVisor knows of its kernel, the metadata, and what others write meanwhile.
    private const long SpareBytes = 64L << 20;

    // gVisor writes at the disk's speed; who is not done by then hangs.
    private static readonly TimeSpan _longest = TimeSpan.FromMinutes(5);

    /// <summary>Keeps files alone.</summary>
    public SandboxFiles Files { get; } = new(place, time);

    /// <summary>Suspends <paramref name="sandbox"/> and writes its memory; the sandbox is over then, and the token counts only before.</summary>
    /// <exception cref="FunctionFaultException">CheckpointRefused: it lives on. SandboxLost: it is lost.</exception>
    public Task<HalfCheckpoint> SuspendAsync(WarmSandbox sandbox, LeaseTerms terms, string folder, CancellationToken cancellationToken) =>
        SuspendAsync(sandbox, terms, folder, place.HalfOf(sandbox.Sandbox.Id), cancellationToken);

    /// <summary>As above, by way of the folder <paramref name="half"/> on the file system of <paramref name="folder"/>.</summary>
    /// <exception cref="FunctionFaultException">CheckpointRefused: it lives on. SandboxLost: it is lost.</exception>
    public async Task<HalfCheckpoint> SuspendAsync(WarmSandbox sandbox, LeaseTerms terms, string folder, string half, CancellationToken cancellationToken)
    {
        _ = GVisor(sandbox);
        try
        {
            var checkpoint = await PrepareAsync(sandbox, terms, folder, half, cancellationToken);
            sandbox.Sandbox.SetLimits(SandboxLimits.AtCheckpoint(terms.Limits));
            return new HalfCheckpoint(half, folder, await WriteAsync(sandbox, checkpoint, half, cancellationToken));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Mounts.DeleteFolder(half);
            throw Refused(sandbox, error.Message, error);
        }
        catch
        {
            Mounts.DeleteFolder(half);
            throw;
        }
    }

    private async Task<SandboxCheckpoint> PrepareAsync(WarmSandbox sandbox, LeaseTerms terms, string folder, string half, CancellationToken cancellationToken)
    {
        if (GVisor(sandbox).Launch.Image.PackedRoot is null)
        {
            throw Refused(sandbox, $"gVisor {backend.Binary.Release} is too old for it");
        }

        if (Directory.Exists(folder))
        {
            throw Refused(sandbox, $"{folder} is there already");
        }

        CheckpointFolder.Create(half);
        var needed = GVisor(sandbox).MemoryBytes() + SpareBytes;
        if (new DriveInfo(half).AvailableFreeSpace is var free && free < needed)
        {
            throw Refused(sandbox, $"the disk has {free >> 20} MiB left, and it may take {needed >> 20}");
        }

        var shape = sandbox.Shape;
        return new SandboxCheckpoint
        {
            Format = SandboxCheckpoint.CurrentFormat,
            Id = Ids.New(),
            Tenant = terms.Tenant,
            Host = await HostAsync(sandbox).WaitAsync(cancellationToken),
            Root = place.Keep(GVisor(sandbox).Launch, half),
            Shape = new CheckpointShape(shape.Kind.Image, shape.Kind.Language, shape.MemoryMiB, shape.Processes, shape.ScratchMiB, shape.CopiesLayers) { HasVolumes = shape.HasVolumes },
            Layers = shape.CopiesLayers ? [] : terms.Layers,
            WorkerId = sandbox.WorkerId,
            Epoch = sandbox.Epoch,
            Created = time.GetUtcNow(),
            Files = [],
        };
    }

    private async Task<CheckpointHost> HostAsync(WarmSandbox sandbox)
    {
        var host = await place.HostAsync();
        return GVisor(sandbox).Launch.Image.Recipe.HostFolders.Count > 0 ? host : host with { Dotnet = null };
    }

    private async Task<SandboxCheckpoint> WriteAsync(WarmSandbox sandbox, SandboxCheckpoint checkpoint, string half, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        try
        {
            await sandbox.SuspendAsync(cancellationToken);
            using var deadline = new CancellationTokenSource(_longest, time);
            await backend.CheckpointAsync(GVisor(sandbox), half, deadline.Token);
            sandbox.Finish(SandboxEnd.Suspended);
            return checkpoint with { PauseMillis = time.GetElapsedTime(start).TotalMilliseconds };
        }
        catch (Exception error) when (error is IOException or SandboxSetupException or OperationCanceledException)
        {
            // Also where the token ended: the agent may be suspended by now, and nothing is left that could wake it.
            sandbox.Finish(sandbox.Sandbox.WasOutOfMemory ? SandboxEnd.OutOfMemory : SandboxEnd.Lost);
            throw new FunctionFaultException(
                new FunctionFault(FaultCode.SandboxLost, $"the sandbox {sandbox.Sandbox.Id} was lost while it was suspended", "start a fresh one from the session's files", error.Message), error);
        }
    }

    private static RunscSandbox GVisor(WarmSandbox sandbox) => sandbox.Sandbox as RunscSandbox
        ?? throw new FunctionFaultException(FaultCode.NotSupported, $"sandboxes of the backend {sandbox.Sandbox.Capabilities.Backend} cannot keep their memory", "keep their files only (memory: false), or use an image of a recipe");

    private static FunctionFaultException Refused(WarmSandbox sandbox, string reason, Exception? error = null) => new(
        new FunctionFault(FaultCode.CheckpointRefused, $"the sandbox {sandbox.Sandbox.Id} cannot be suspended: {reason}", "it lives on; mend what is named and try again"), error);
}
