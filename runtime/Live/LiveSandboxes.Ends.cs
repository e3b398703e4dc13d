using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Pools;

namespace ToolRuntime.Runtime.Live;

/// <summary>What becomes of sandboxes that end by themselves, or with their runtime.</summary>
internal sealed partial class LiveSandboxes
{
    private void Watch(LiveSandbox sandbox)
    {
        if (sandbox.Lease is { } lease)
        {
            _ = WatchAsync(sandbox, lease);
        }
    }

    private async Task WatchAsync(LiveSandbox sandbox, ISandboxLease lease)
    {
        var end = await lease.Ended;
        if (end is SandboxEnd.Released or SandboxEnd.Suspended || sandbox.IsGone || !ReferenceEquals(sandbox.Lease, lease))
        {
            return;
        }

        LogLost(sandbox.Record.Id, $"{end}. {lease.LastWords}");
        await sandbox.Gate.WaitAsync(CancellationToken.None);
        var hasCheckpoint = false;
        try
        {
            if (!ReferenceEquals(sandbox.Lease, lease))
            {
                return;
            }

            await LiveStates.DropAsync(sandbox);
            hasCheckpoint = Directory.Exists(_folders.OfSandbox(sandbox.Record.Id));
            if (hasCheckpoint)
            {
                sandbox.Record = sandbox.Record with { State = SandboxState.Paused, EndAt = _time.GetUtcNow() + _options.KeepPaused };
                await PublishAsync(sandbox, CancellationToken.None);
            }
        }
        finally
        {
            sandbox.Gate.Release();
        }

        if (!hasCheckpoint)
        {
            var reason = end == SandboxEnd.OutOfMemory
                ? $"it needed more than its memory of {sandbox.Record.Settings.MemoryMiB} MiB, its files included"
                : "its processes ended, or this machine ended them";
            await EndAsync(sandbox, reason, CancellationToken.None);
        }
    }

    /// <summary>What a runtime that stops does with one: pauses it where it would be paused at its end or is checkpointed as it runs, else ends it.</summary>
    private async Task LeaveAsync(LiveSandbox sandbox)
    {
        try
        {
            if (sandbox.Lease is not null && sandbox.Record.Settings is { PausesAtEnd: true } or { CheckpointSeconds: > 0 })
            {
                await DoAsync(new SandboxCommand { Operation = SandboxOperation.Pause, Tenant = sandbox.Record.Tenant, Id = sandbox.Record.Id, Memory = sandbox.Record.Settings.KeepsMemory }, CancellationToken.None);
            }
            else if (sandbox.Lease is not null)
            {
                await EndAsync(sandbox, CancellationToken.None);
            }
        }
        catch (FunctionFaultException error)
        {
            LogLost(sandbox.Record.Id, error.Fault.Message);
        }
    }

    private async Task TakeOverAsync(CancellationToken cancellationToken)
    {
        foreach (var (folder, file, reason) in _folders.Read())
        {
            if (file?.Record is { } record)
            {
                var paused = record with { State = SandboxState.Paused, Runtime = _runtime, Home = _folders.Home, EndAt = record.State == SandboxState.Paused ? record.EndAt : _time.GetUtcNow() + _options.KeepPaused };
                var sandbox = new LiveSandbox(paused, file.Environment, file.Egress);
                _sandboxes[(record.Tenant, record.Id)] = sandbox;
                _volumes.Keep(record);
            }
            else if (file is null)
            {
                LogUnreadable(folder, reason);
            }
        }

        await RenewAsync(cancellationToken);
        await ForgetLostAsync(cancellationToken);
    }

    /// <summary>Those that ran in a process before this one, of the same folder, and left nothing on disk.</summary>
    private async Task ForgetLostAsync(CancellationToken cancellationToken)
    {
        await foreach (var (tenant, id, record) in _bus.Sandboxes.WatchAsync(cancellationToken))
        {
            if (id is null)
            {
                return;
            }

            if (record?.Home == _folders.Home && !_sandboxes.ContainsKey((tenant, id)))
            {
                await _bus.Sandboxes.RemoveAsync(tenant, id, cancellationToken);
            }
        }
    }
}
