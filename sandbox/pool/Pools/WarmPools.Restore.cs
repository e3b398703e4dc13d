using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Checkpoints;

namespace ToolRuntime.Sandbox.Pools;

/// <summary>Restored sandboxes: they wait in turn, count and end like all others, but none is kept ready.</summary>
public sealed partial class WarmPools
{
    /// <summary>
    /// Goes on from the checkpoint in <paramref name="folder"/>, which stays as it is: many may be restored from one, also at once. The worker's
    /// stream is opened anew; what else was attached is attached by its id. The folder may go once this has returned.
    /// </summary>
    /// <exception cref="FunctionFaultException">CheckpointRefused: it cannot be restored here, and trying again is of no use. PoolExhausted when
    /// the token ends first; SandboxLost when it did not come back this time.</exception>
    public async ValueTask<ISandboxLease> RestoreAsync(string folder, RestoreRequest request, CancellationToken cancellationToken)
    {
        var path = Path.GetFullPath(folder);
        var checkpoint = CheckpointFolder.Read(path);
        if (CheckpointRules.Refusal(checkpoint, await _place.HostAsync(), request.Tenant) is { } reason)
        {
            throw CheckpointRules.Refused(path, reason);
        }

        if (request.Volumes.Count > 0 && !checkpoint.Shape.HasVolumes)
        {
            throw CheckpointRules.Refused(path, "it was made where sandboxes had no volumes");
        }

        var layers = new string[checkpoint.Layers.Count];
        for (var i = 0; i < layers.Length; i++)
        {
            layers[i] = await LayerAsync(path, request.Tenant, checkpoint.Layers[i], cancellationToken);
        }

        var open = new OpenCheckpoint(path, checkpoint, layers, request.Volumes);
        var sandbox = await TakeAsync(() => RestorePool(open), request.Waiting, cancellationToken);
        try
        {
            sandbox.Sandbox.SetLimits(SandboxLimits.AtLease(request.Limits));
            await sandbox.AddVolumesAsync(request.Volumes, areMounted: true, cancellationToken);
            return Lease(sandbox, new LeaseTerms(request.Tenant, request.Limits, checkpoint.Layers), request.Rests);
        }
        catch (Exception error) when (error is OperationCanceledException or FunctionFaultException)
        {
            await ReleaseAsync(sandbox);
            throw;
        }
        catch (IOException error)
        {
            await ReleaseAsync(sandbox);
            throw new FunctionFaultException(
                new FunctionFault(FaultCode.QuotaExceeded, $"the checkpoint {Path.GetFileName(path)} does not fit into {request.Limits.MemoryMiB} MiB: {error.Message}", "raise the memory limit"), error);
        }
    }

    private async ValueTask<string> LayerAsync(string folder, string tenant, LayerReference layer, CancellationToken cancellationToken)
    {
        try
        {
            return await _layers.EnsureAsync(tenant, layer, cancellationToken);
        }
        catch (FunctionFaultException error) when (error.Fault.Code == FaultCode.DeployRefused)
        {
            throw CheckpointRules.Refused(folder, error.Fault.Message, error);
        }
    }

    // Those that restore one checkpoint at the same time share a pool, so that it is opened and compared once.
    private Pool RestorePool(OpenCheckpoint open)
    {
        var key = new PoolKey(open.Shape, $"{open.Checkpoint.Id} {open.Folder} {string.Join(' ', open.Volumes)}");
        if (!_pools.TryGetValue(key, out var pool))
        {
            pool = new Pool(open.Shape, token => _booter.RestoreAsync(open, token), isKept: false);
            _pools.Add(key, pool);
        }

        return pool;
    }
}
