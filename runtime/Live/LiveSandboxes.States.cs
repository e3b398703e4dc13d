using ToolRuntime.Functions;
using ToolRuntime.Runtime.Volumes;

namespace ToolRuntime.Runtime.Live;

/// <summary>The commands that change a sandbox's state; each under its gate.</summary>
internal sealed partial class LiveSandboxes
{
    /// <summary>Pauses one whose time is over; under its gate, unless it has got more time meanwhile.</summary>
    public async Task PauseAtEndAsync(LiveSandbox sandbox, CancellationToken cancellationToken)
    {
        await sandbox.Ready.WaitAsync(cancellationToken);
        await sandbox.Gate.WaitAsync(cancellationToken);
        try
        {
            var now = _time.GetUtcNow();
            if (!sandbox.IsGone && sandbox.Lease is not null && sandbox.EndAt(now) <= now)
            {
                await PauseAsync(sandbox, sandbox.Record.Settings.KeepsMemory, cancellationToken);
            }
        }
        finally
        {
            sandbox.Gate.Release();
        }
    }

    /// <summary>Checkpoints one that runs on afterwards.</summary>
    public async Task CheckpointAsync(LiveSandbox sandbox, CancellationToken cancellationToken)
    {
        await sandbox.Ready.WaitAsync(cancellationToken);
        await sandbox.Gate.WaitAsync(cancellationToken);
        try
        {
            if (!sandbox.IsGone && sandbox.Lease is not null)
            {
                await StoreAsync(sandbox, memory: true, cancellationToken);
                await _states.WakeAsync(sandbox, _folders.OfSandbox(sandbox.Record.Id), cancellationToken);
                sandbox.CheckpointedAt = _time.GetUtcNow();
                Watch(sandbox);
            }
        }
        finally
        {
            sandbox.Gate.Release();
        }
    }

    private async ValueTask<SandboxAnswer> SetTimeoutAsync(LiveSandbox sandbox, int seconds, CancellationToken cancellationToken)
    {
        CheckTime(seconds);
        sandbox.Record = sandbox.Record with { EndAt = _time.GetUtcNow() + TimeSpan.FromSeconds(seconds) };
        await PublishAsync(sandbox, cancellationToken);
        return new SandboxAnswer { Record = sandbox.Record };
    }

    private async ValueTask<SandboxAnswer> PauseAsync(LiveSandbox sandbox, bool memory, CancellationToken cancellationToken)
    {
        if (sandbox.Lease is null)
        {
            return new SandboxAnswer { Record = sandbox.Record, HasChanged = false };
        }

        await StoreAsync(sandbox, memory, cancellationToken);
        sandbox.Record = sandbox.Record with { State = SandboxState.Paused, HasMemory = memory, EndAt = _time.GetUtcNow() + _options.KeepPaused };
        LiveFolders.Write(_folders.OfSandbox(sandbox.Record.Id), FileOf(sandbox));
        await PublishAsync(sandbox, cancellationToken);
        return new SandboxAnswer { Record = sandbox.Record };
    }

    private async ValueTask<SandboxAnswer> ResumeAsync(LiveSandbox sandbox, int? seconds, CancellationToken cancellationToken)
    {
        var time = seconds ?? (sandbox.Record.Settings.IdleSeconds > 0 ? (int)_options.MaximumActive.TotalSeconds : 300);
        CheckTime(time);
        var end = _time.GetUtcNow() + TimeSpan.FromSeconds(time);
        if (sandbox.Lease is not null)
        {
            if (end > sandbox.Record.EndAt)
            {
                sandbox.Record = sandbox.Record with { EndAt = end };
                await PublishAsync(sandbox, cancellationToken);
            }

            return new SandboxAnswer { Record = sandbox.Record, HasChanged = false };
        }

        await _states.WakeAsync(sandbox, _folders.OfSandbox(sandbox.Record.Id), cancellationToken);
        var now = _time.GetUtcNow();
        sandbox.Record = sandbox.Record with { State = SandboxState.Running, StartedAt = now, EndAt = now + TimeSpan.FromSeconds(time) };
        sandbox.CheckpointedAt = now;
        await PublishAsync(sandbox, cancellationToken);
        Watch(sandbox);
        return new SandboxAnswer { Record = sandbox.Record };
    }

    private async ValueTask<SandboxAnswer> SnapshotAsync(LiveSandbox sandbox, SandboxCommand command, CancellationToken cancellationToken)
    {
        var id = command.Snapshot ?? Ids.New();
        var folder = _folders.OfSnapshot(id);
        var work = LiveFolders.Begin(folder);
        try
        {
            await StoreFrozenAsync(sandbox, work, cancellationToken);
            var snapshot = new SandboxSnapshot
            {
                Tenant = sandbox.Record.Tenant,
                Id = id,
                Name = command.Name,
                Tags = command.Tags,
                Sandbox = sandbox.Record.Id,
                Image = sandbox.Record.Image,
                Runtime = _runtime,
                Home = _folders.Home,
                CreatedAt = _time.GetUtcNow(),
                Bytes = LiveFolders.SizeOf(work),
                Settings = sandbox.Record.Settings,
            };
            LiveFolders.Finish(work, folder, new LiveFile { Snapshot = snapshot, Environment = sandbox.Environment });
            await _bus.Snapshots.PutAsync(snapshot.Tenant, id, snapshot, cancellationToken);
            return new SandboxAnswer { Record = sandbox.Record, Snapshot = snapshot };
        }
        catch
        {
            LiveFolders.Remove(work);
            throw;
        }
    }

    private async ValueTask<SandboxAnswer> ForkAsync(LiveSandbox sandbox, SandboxCommand command, CancellationToken cancellationToken)
    {
        if (command.Count is < 1 or > 100)
        {
            throw new FunctionFaultException(FaultCode.InvalidArguments, $"{command.Count} forks, 1 to 100 are allowed");
        }

        var seconds = command.TimeoutSeconds ?? 300;
        CheckTime(seconds);
        var work = LiveFolders.Begin(_folders.OfSandbox(sandbox.Record.Id));
        try
        {
            await StoreFrozenAsync(sandbox, work, cancellationToken);
            var forks = await Task.WhenAll(Enumerable.Range(0, command.Count).Select(_ => ForkOneAsync(sandbox, work, seconds, cancellationToken)));
            return new SandboxAnswer { Record = sandbox.Record, Forks = forks };
        }
        finally
        {
            LiveFolders.Remove(work);
        }
    }

    private async Task<SandboxFork> ForkOneAsync(LiveSandbox origin, string folder, int seconds, CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow();
        var id = Ids.New();

        // What says who its origin is says who it is.
        var environment = origin.Environment.ToDictionary(v => v.Key, v => v.Value == origin.Record.Id ? id : v.Value, StringComparer.Ordinal);
        var fork = new LiveSandbox(origin.Record with { Id = id, State = SandboxState.Running, StartedAt = now, EndAt = now + TimeSpan.FromSeconds(seconds) }, environment, origin.Egress);
        _sandboxes[(fork.Record.Tenant, fork.Record.Id)] = fork;
        try
        {
            await _states.WakeAsync(fork, folder, cancellationToken);
            fork.EquipBy(() => EquipAsync(fork, environment));
            now = _time.GetUtcNow();
            fork.Record = fork.Record with { StartedAt = now, EndAt = now + TimeSpan.FromSeconds(seconds) };
            await PublishAsync(fork, cancellationToken);
            Watch(fork);
            return new SandboxFork(fork.Record);
        }
        catch (FunctionFaultException error)
        {
            await EndAsync(fork, CancellationToken.None);
            return new SandboxFork(null, error.Fault);
        }
    }

    private async ValueTask<SandboxAnswer> ResetAsync(LiveSandbox sandbox, SandboxCommand command, CancellationToken cancellationToken)
    {
        var id = command.Snapshot ?? "";
        if (_folders.FindSnapshot(sandbox.Record.Tenant, id)?.Snapshot is not { } snapshot)
        {
            throw new FunctionFaultException(FaultCode.SandboxNotFound, $"there is no snapshot {id} where sandbox {sandbox.Record.Id} is", "list the snapshots");
        }

        var volumes = SandboxVolumes.Together(snapshot.Settings, sandbox.Record.Settings);
        await LiveStates.DropAsync(sandbox);
        sandbox.Record = sandbox.Record with { Settings = sandbox.Record.Settings with { Volumes = volumes } };
        await _states.WakeAsync(sandbox, _folders.OfSnapshot(id), cancellationToken);
        await _states.EquipAsync(sandbox, sandbox.Environment, cancellationToken);
        sandbox.Record = sandbox.Record with { State = SandboxState.Running, Image = snapshot.Image };
        await PublishAsync(sandbox, cancellationToken);
        Watch(sandbox);
        return new SandboxAnswer { Record = sandbox.Record, Snapshot = snapshot };
    }

    private async ValueTask<SandboxAnswer> RemoveSnapshotAsync(SandboxCommand command, CancellationToken cancellationToken)
    {
        if (_folders.FindSnapshot(command.Tenant, command.Id) is null)
        {
            throw new FunctionFaultException(FaultCode.SandboxNotFound, $"there is no snapshot {command.Id}", "list the snapshots");
        }

        LiveFolders.Remove(_folders.OfSnapshot(command.Id));
        await _bus.Snapshots.RemoveAsync(command.Tenant, command.Id, cancellationToken);
        return new SandboxAnswer();
    }

    private async ValueTask<SandboxAnswer> TagAsync(SandboxCommand command, CancellationToken cancellationToken)
    {
        if (_folders.FindSnapshot(command.Tenant, command.Id) is not { Snapshot: { } snapshot } file)
        {
            throw new FunctionFaultException(FaultCode.SandboxNotFound, $"there is no snapshot {command.Id}", "list the snapshots");
        }

        snapshot = snapshot with { Tags = command.Tags, Runtime = _runtime };
        LiveFolders.Write(_folders.OfSnapshot(command.Id), file with { Snapshot = snapshot });
        await _bus.Snapshots.PutAsync(snapshot.Tenant, snapshot.Id, snapshot, cancellationToken);
        return new SandboxAnswer { Snapshot = snapshot };
    }

    private SandboxAnswer SetEgress(LiveSandbox sandbox, EgressRules? given)
    {
        var rules = given ?? new EgressRules();
        LiveEgress.Check(rules);
        sandbox.Egress = rules;
        sandbox.Proxy?.SetRules(rules);
        if (sandbox.Lease is null)
        {
            LiveFolders.Write(_folders.OfSandbox(sandbox.Record.Id), FileOf(sandbox));
        }

        return Look(sandbox);
    }

    private static SandboxAnswer Look(LiveSandbox sandbox) =>
        new() { Record = sandbox.Record, Egress = sandbox.Egress with { Hosts = [.. sandbox.Egress.Hosts.Select(h => h with { Headers = new Dictionary<string, string>(StringComparer.Ordinal) })] } };

    private async ValueTask<SandboxAnswer> MeasuresAsync(LiveSandbox sandbox, DateTimeOffset since, CancellationToken cancellationToken)
    {
        if (sandbox.Measures.Since(DateTimeOffset.MinValue).Count == 0)
        {
            await LiveMeter.MeasureAsync(sandbox, _time, cancellationToken);
        }

        return new SandboxAnswer { Record = sandbox.Record, Measures = sandbox.Measures.Since(since) };
    }

    /// <summary>Puts a sandbox's state into its folder. It no longer runs then.</summary>
    private async Task StoreAsync(LiveSandbox sandbox, bool memory, CancellationToken cancellationToken)
    {
        var folder = _folders.OfSandbox(sandbox.Record.Id);
        var work = LiveFolders.Begin(folder);
        try
        {
            await _states.StoreAsync(sandbox, work, memory, cancellationToken);
            LiveFolders.Finish(work, folder, FileOf(sandbox));
        }
        catch
        {
            LiveFolders.Remove(work);
            throw;
        }
    }

    /// <summary>Puts a sandbox's memory into <paramref name="work"/>; one that runs goes on afterwards, one that is paused stays so.</summary>
    private async Task StoreFrozenAsync(LiveSandbox sandbox, string work, CancellationToken cancellationToken)
    {
        if (sandbox.Lease is null)
        {
            LiveStates.Copy(_folders.OfSandbox(sandbox.Record.Id), work);
            return;
        }

        await _states.StoreAsync(sandbox, work, memory: true, cancellationToken);
        await _states.WakeAsync(sandbox, work, cancellationToken);
        Watch(sandbox);
    }

    private static LiveFile FileOf(LiveSandbox sandbox) => new() { Record = sandbox.Record, Environment = sandbox.Environment, Egress = sandbox.Egress };
}
