using ToolRuntime.Functions;
using ToolRuntime.Runtime.Volumes;
using ToolRuntime.Sandbox.Checkpoints;
using ToolRuntime.Sandbox.Pools;

namespace ToolRuntime.Runtime.Live;

/// <summary>Brings a sandbox from one state to another: booted, stored, woken, dropped. Whoever calls holds its gate.</summary>
internal sealed class LiveStates(WarmPools pools, LiveEgress egress, SandboxVolumes volumes, TimeProvider time)
{
    private static readonly TimeSpan s_boot = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_store = TimeSpan.FromMinutes(5);

    /// <summary>Leases a fresh one; returns the environment that its programs are to get.</summary>
    /// <exception cref="FunctionFaultException">PoolExhausted or SandboxLost.</exception>
    public Task<IReadOnlyDictionary<string, string>> LeaseAsync(LiveSandbox sandbox, CancellationToken cancellationToken) => LeaseAsync(sandbox, isFresh: false, cancellationToken);

    /// <summary>Gives it the environment of its programs: two ways into it and back.</summary>
    /// <exception cref="IOException">It is gone.</exception>
    public async Task EquipAsync(LiveSandbox sandbox, IReadOnlyDictionary<string, string> environment, CancellationToken cancellationToken)
    {
        if (environment.Count > 0 && sandbox.Lease is { } lease)
        {
            using var deadline = new Deadline(time, s_boot, cancellationToken);
            await lease.Agent.SetEnvironmentAsync(environment, deadline.Token);
            await ResidentKernel.SetEnvironmentAsync(lease, environment, deadline.Token);
        }
    }

    private async Task<IReadOnlyDictionary<string, string>> LeaseAsync(LiveSandbox sandbox, bool isFresh, CancellationToken cancellationToken)
    {
        var record = sandbox.Record;
        if (!pools.Has(record.Image))
        {
            throw new FunctionFaultException(FaultCode.SandboxNotFound, $"there is no template, snapshot or image '{record.Template}'", "list the snapshots, or see 'toolrt image list' for images");
        }

        using var deadline = new Deadline(time, s_boot, cancellationToken);
        var request = new LeaseRequest(new PoolKind(record.Image, FunctionLanguage.Sandbox), record.Tenant, LimitsOf(record), []) { IsFresh = isFresh, Rests = true, Volumes = await volumes.BindAsync(record, deadline.Token) };
        sandbox.Lease = await pools.LeaseAsync(request, waiting: null, deadline.Token);
        return await egress.PrepareAsync(sandbox, deadline.Token);
    }

    /// <summary>Puts its memory, or its files, below <paramref name="folder"/>; it has ended then.</summary>
    /// <exception cref="FunctionFaultException">SandboxLost: that failed, and the sandbox is gone.</exception>
    public async Task StoreAsync(LiveSandbox sandbox, string folder, bool memory, CancellationToken cancellationToken)
    {
        var lease = sandbox.Lease ?? throw new FunctionFaultException(FaultCode.SandboxConflict, $"sandbox {sandbox.Record.Id} is paused", "resume it first");
        if (memory && !lease.Capabilities.Checkpoint)
        {
            throw new FunctionFaultException(FaultCode.NotSupported, $"sandboxes of the backend {lease.Capabilities.Backend} cannot keep their memory", "keep their files only (memory: false), or use an image of a recipe");
        }

        using var deadline = new Deadline(time, s_store, cancellationToken);
        try
        {
            if (memory)
            {
                await KeepFilesAsync(lease, LiveFolders.Files(folder), deadline.Token);
                await lease.CheckpointAsync(LiveFolders.Memory(folder), deadline.Token);
            }
            else
            {
                await lease.ArchiveFilesAsync(LiveFolders.Files(folder), deadline.Token);
            }
        }
        catch (FunctionFaultException error) when (error.Fault.Code is FaultCode.CheckpointRefused or FaultCode.NotSupported)
        {
            // It lives on.
            throw;
        }
        catch (Exception error)
        {
            await DropAsync(sandbox);
            throw error as FunctionFaultException
                ?? new FunctionFaultException(new FunctionFault(FaultCode.SandboxLost, $"sandbox {sandbox.Record.Id} could not be stored: {error.Message}"), error);
        }

        await DropAsync(sandbox);
    }

    /// <summary>Wakes it from what <paramref name="folder"/> holds: its memory, or where that cannot be had, its files.</summary>
    /// <exception cref="FunctionFaultException">Neither can be had; says why.</exception>
    public async Task WakeAsync(LiveSandbox sandbox, string folder, CancellationToken cancellationToken)
    {
        using var deadline = new Deadline(time, s_boot, cancellationToken);
        var (memory, files) = (LiveFolders.Memory(folder), LiveFolders.Files(folder));
        if (Directory.Exists(memory))
        {
            // Outside of the attempt: a volume that is gone is no reason to go on from files alone.
            var bound = await volumes.BindAsync(sandbox.Record, deadline.Token);
            try
            {
                sandbox.Lease = await pools.RestoreAsync(memory, new RestoreRequest(sandbox.Record.Tenant, LimitsOf(sandbox.Record)) { Rests = true, Volumes = bound }, deadline.Token);
                await egress.AttachAsync(sandbox);
                return;
            }
            catch (FunctionFaultException) when (Directory.Exists(files))
            {
                // Its files are what is left of it.
                await DropAsync(sandbox);
            }
        }

        // From files alone it is another machine, and shows it by its boot id.
        await EquipAsync(sandbox, await LeaseAsync(sandbox, isFresh: true, deadline.Token), deadline.Token);
        if (Directory.Exists(files))
        {
            await sandbox.Lease!.RestoreFilesAsync(files, deadline.Token);
        }
    }

    // They are what is left where the memory cannot be restored: another processor, another build of gVisor. It runs on meanwhile.
    private static async Task KeepFilesAsync(ISandboxLease lease, string folder, CancellationToken cancellationToken)
    {
        try
        {
            await lease.ArchiveFilesAsync(folder, cancellationToken);
        }
        catch (FunctionFaultException error) when (error.Fault.Code == FaultCode.CheckpointRefused)
        {
            // Too many, or full of holes: its memory is kept all the same.
        }
    }

    /// <summary>Ends it, where it runs.</summary>
    public static async Task DropAsync(LiveSandbox sandbox)
    {
        if (sandbox.Lease is { } lease)
        {
            sandbox.Lease = null;
            await lease.DisposeAsync();
        }
    }

    /// <summary>Copies what one folder holds into another; both stay whole whatever becomes of the other.</summary>
    public static void Copy(string from, string to) => CheckpointFolder.Copy(from, to);

    private static FunctionLimits LimitsOf(SandboxRecord record) => new() { MemoryMiB = record.Settings.MemoryMiB, CpuMillis = record.Settings.CpuMillis, Processes = 1024, ScratchMiB = 512 };
}
