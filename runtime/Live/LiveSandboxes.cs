using System.Collections.Concurrent;
using System.Text.Json;

using Microsoft.Extensions.Logging;

using ToolRuntime.Bus;
using ToolRuntime.Bus.Pipes;
using ToolRuntime.Functions;
using ToolRuntime.Runtime.Volumes;

namespace ToolRuntime.Runtime.Live;

/// <summary>
/// The sandboxes that callers drive, as far as this runtime has them: made, ended, suspended and woken on request, suspended or ended when their
/// time is over. What each gateway must know of them stands in the bus before the request is answered.
/// </summary>
internal sealed partial class LiveSandboxes : IAsyncDisposable
{
    private const int Concurrency = 256;
    private readonly ConcurrentDictionary<(string Tenant, string Id), LiveSandbox> _sandboxes = new();
    private readonly LiveStates _states;
    private readonly SandboxVolumes _volumes;
    private readonly MessageBus _bus;
    private readonly LiveOptions _options;
    private readonly string _runtime;
    private readonly LiveFolders _folders;
    private readonly TimeProvider _time;
    private readonly ILogger<LiveSandboxes> _logger;
    private readonly List<IAsyncDisposable> _served = [];

    /// <summary>Makes the folders; nothing is served before <see cref="StartAsync"/>.</summary>
    public LiveSandboxes(MessageBus bus, (LiveStates States, SandboxVolumes Volumes) parts, LiveOptions options, string runtime, TimeProvider time, ILogger<LiveSandboxes> logger)
    {
        (_bus, _options, _runtime, _time, _logger) = (bus, options, runtime, time, logger);
        _folders = new LiveFolders(options.Folder);
        (_states, _volumes) = parts;
    }

    /// <summary>Takes over what lies on disk and begins to answer.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await TakeOverAsync(cancellationToken);
        _served.Add(_bus.Requests.Serve(SandboxCreate.RequestName, Concurrency, async (request, token) =>
            Answer(await CreateAsync(Read(request, FunctionsJson.Default.SandboxCreate), token))));
        _served.Add(_bus.Requests.Serve(SandboxCommand.RequestNameOf(_runtime), Concurrency, async (request, token) =>
            Answer(await DoAsync(Read(request, FunctionsJson.Default.SandboxCommand), token))));
    }

    /// <summary>The runtime's end of a pipe to the agent of a sandbox.</summary>
    /// <exception cref="FunctionFaultException">SandboxNotFound, or SandboxConflict where it is paused.</exception>
    public async ValueTask<Stream> OpenAsync(PipeAddress address, CancellationToken cancellationToken)
    {
        var sandbox = Find(address.Tenant, address.Session);
        if (sandbox.Lease is null && sandbox.Record.State == SandboxState.Running)
        {
            // It is being checkpointed, and goes on in a moment.
            await sandbox.Gate.WaitAsync(cancellationToken);
            sandbox.Gate.Release();
        }

        await sandbox.Ready.WaitAsync(cancellationToken);
        var lease = sandbox.Lease ?? throw new FunctionFaultException(FaultCode.SandboxConflict, $"sandbox {address.Session} is paused", "resume it first");
        sandbox.Opened(_time.GetUtcNow());
        return new AgentPipe(lease.Agent, () => sandbox.Closed(_time.GetUtcNow()));
    }

    /// <summary>Ends or pauses what is over, measures what runs, checkpoints what asks for it; until the token ends.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => new LiveClock(this, _options, _time, _logger).RunAsync(cancellationToken);

    /// <summary>All that are here.</summary>
    public IEnumerable<LiveSandbox> All => _sandboxes.Values;

    /// <summary>Carries out a command.</summary>
    public async ValueTask<SandboxAnswer> DoAsync(SandboxCommand command, CancellationToken cancellationToken)
    {
        switch (command.Operation)
        {
            case SandboxOperation.Create:
                return await CreateAsync(command.Create ?? throw new FunctionFaultException(FaultCode.InvalidArguments, "the command says nothing of what to make"), cancellationToken);
            case SandboxOperation.RemoveSnapshot:
                return await RemoveSnapshotAsync(command, cancellationToken);
            case SandboxOperation.Tag:
                return await TagAsync(command, cancellationToken);
            case SandboxOperation.Kill:
                await EndAsync(Find(command.Tenant, command.Id), cancellationToken);
                return new SandboxAnswer();
            default:
                return await ChangeAsync(Find(command.Tenant, command.Id), command, cancellationToken);
        }
    }

    /// <summary>Ends a sandbox and removes all that is left of it.</summary>
    public Task EndAsync(LiveSandbox sandbox, CancellationToken cancellationToken) => EndAsync(sandbox, null, cancellationToken);

    /// <summary>The same; of one that ended by itself the record stays, to say why.</summary>
    private async Task EndAsync(LiveSandbox sandbox, string? reason, CancellationToken cancellationToken)
    {
        // Its lease first: what runs in it must not hold up its end, even where its state is being changed.
        sandbox.IsGone = true;
        if (sandbox.Lease is { } lease)
        {
            await lease.DisposeAsync();
        }

        await sandbox.Gate.WaitAsync(cancellationToken);
        try
        {
            await LiveStates.DropAsync(sandbox);
            _sandboxes.TryRemove((sandbox.Record.Tenant, sandbox.Record.Id), out _);
            LiveFolders.Remove(_folders.OfSandbox(sandbox.Record.Id));
            _volumes.Release(sandbox.Record);
            if (reason is null)
            {
                await _bus.Sandboxes.RemoveAsync(sandbox.Record.Tenant, sandbox.Record.Id, cancellationToken);
            }
            else
            {
                sandbox.Record = sandbox.Record with { State = SandboxState.Ended, EndReason = reason, EndAt = _time.GetUtcNow() };
                await PublishAsync(sandbox, cancellationToken);
            }

            if (sandbox.Proxy is { } proxy)
            {
                await proxy.DisposeAsync();
            }
        }
        finally
        {
            sandbox.Gate.Release();
        }
    }

    /// <summary>Writes every record again, so that none goes by itself.</summary>
    public async Task RenewAsync(CancellationToken cancellationToken)
    {
        await _volumes.RenewAsync(cancellationToken);
        foreach (var sandbox in _sandboxes.Values.Where(s => !s.IsGone))
        {
            await PublishAsync(sandbox, cancellationToken);
        }

        foreach (var (_, file, _) in _folders.Read())
        {
            if (file?.Snapshot is { } snapshot)
            {
                await _bus.Snapshots.PutAsync(snapshot.Tenant, snapshot.Id, snapshot with { Runtime = _runtime }, cancellationToken);
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var served in _served)
        {
            await served.DisposeAsync();
        }

        _served.Clear();
        await Task.WhenAll(_sandboxes.Values.Select(LeaveAsync));
    }

    private async ValueTask<SandboxAnswer> CreateAsync(SandboxCreate create, CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow();
        CheckTime(create.TimeoutSeconds);
        LiveEgress.Check(create.Egress);
        var source = _folders.FindSnapshot(create.Tenant, create.Source);
        var record = new SandboxRecord
        {
            Tenant = create.Tenant,
            Id = create.Id,
            Template = create.Template,
            Image = source?.Snapshot?.Image ?? create.Source,
            Runtime = _runtime,
            Home = _folders.Home,
            Metadata = create.Metadata,
            StartedAt = now,
            EndAt = now + TimeSpan.FromSeconds(create.TimeoutSeconds),
            Settings = source?.Snapshot is { } snapshot ? create.Settings with { Volumes = SandboxVolumes.Together(snapshot.Settings, create.Settings), MemoryMiB = snapshot.Settings.MemoryMiB, User = create.Settings.User ?? snapshot.Settings.User, Folder = create.Settings.Folder ?? snapshot.Settings.Folder } : create.Settings,
        };
        var sandbox = new LiveSandbox(record, create.Environment, create.Egress);
        if (!_sandboxes.TryAdd((record.Tenant, record.Id), sandbox))
        {
            throw new FunctionFaultException(FaultCode.SandboxConflict, $"sandbox {record.Id} stands already");
        }

        try
        {
            var environment = sandbox.Environment;
            if (source is null)
            {
                environment = await _states.LeaseAsync(sandbox, cancellationToken);
            }
            else
            {
                await _states.WakeAsync(sandbox, _folders.OfSnapshot(create.Source), cancellationToken);
            }

            sandbox.EquipBy(() => EquipAsync(sandbox, environment));

            // Its time begins when it can be used.
            now = _time.GetUtcNow();
            sandbox.Record = record with { StartedAt = now, EndAt = now + TimeSpan.FromSeconds(create.TimeoutSeconds) };
            await PublishAsync(sandbox, cancellationToken);
            Watch(sandbox);
            return new SandboxAnswer { Record = sandbox.Record };
        }
        catch
        {
            await EndAsync(sandbox, CancellationToken.None);
            throw;
        }
    }

    /// <summary>What is left to do of making it when that is answered already: before its first use, or when it has not been used for a while. Its state changes only afterwards.</summary>
    /// <exception cref="FunctionFaultException">SandboxLost: it is gone.</exception>
    private async Task EquipAsync(LiveSandbox sandbox, IReadOnlyDictionary<string, string> environment)
    {
        await sandbox.Gate.WaitAsync(CancellationToken.None);
        try
        {
            await _states.EquipAsync(sandbox, environment, CancellationToken.None);
            return;
        }
        catch (Exception error) when (!sandbox.IsGone)
        {
            LogLost(sandbox.Record.Id, error.Message);
        }
        finally
        {
            sandbox.Gate.Release();
        }

        await EndAsync(sandbox, CancellationToken.None);
        throw new FunctionFaultException(FaultCode.SandboxLost, $"sandbox {sandbox.Record.Id} was lost before its first use", "create another");
    }

    private async ValueTask<SandboxAnswer> ChangeAsync(LiveSandbox sandbox, SandboxCommand command, CancellationToken cancellationToken)
    {
        await sandbox.Ready.WaitAsync(cancellationToken);
        await sandbox.Gate.WaitAsync(cancellationToken);
        try
        {
            return sandbox.IsGone ? throw NotFound(command.Id) : command.Operation switch
            {
                SandboxOperation.SetTimeout => await SetTimeoutAsync(sandbox, command.TimeoutSeconds ?? 0, cancellationToken),
                SandboxOperation.Pause => await PauseAsync(sandbox, command.Memory, cancellationToken),
                SandboxOperation.Resume => await ResumeAsync(sandbox, command.TimeoutSeconds, cancellationToken),
                SandboxOperation.Snapshot => await SnapshotAsync(sandbox, command, cancellationToken),
                SandboxOperation.Fork => await ForkAsync(sandbox, command, cancellationToken),
                SandboxOperation.Reset => await ResetAsync(sandbox, command, cancellationToken),
                SandboxOperation.SetEgress => SetEgress(sandbox, command.Egress),
                SandboxOperation.Look => Look(sandbox),
                SandboxOperation.Decisions => new SandboxAnswer { Record = sandbox.Record, Decisions = sandbox.Proxy?.Log.Last(command.Count) ?? [] },
                SandboxOperation.Metrics => await MeasuresAsync(sandbox, command.Since ?? DateTimeOffset.MinValue, cancellationToken),
                _ => throw new FunctionFaultException(FaultCode.InvalidArguments, $"{command.Operation} is no command for a sandbox"),
            };
        }
        finally
        {
            sandbox.Gate.Release();
        }
    }

    private LiveSandbox Find(string tenant, string id) =>
        _sandboxes.TryGetValue((tenant, id), out var sandbox) && !sandbox.IsGone ? sandbox : throw NotFound(id);

    private void CheckTime(int seconds)
    {
        if (seconds < 0 || seconds > _options.MaximumActive.TotalSeconds)
        {
            throw new FunctionFaultException(
                FaultCode.InvalidArguments,
                $"a timeout of {seconds} s, 0 to {_options.MaximumActive.TotalSeconds:0} are allowed",
                "pause and resume a sandbox that is to live longer, or raise toolruntime.sandboxes.maximumActiveSeconds");
        }
    }

    private ValueTask PublishAsync(LiveSandbox sandbox, CancellationToken cancellationToken)
    {
        var can = sandbox.Lease?.Capabilities;
        sandbox.Record = sandbox.Record with { Revision = sandbox.Record.Revision + 1, Backend = can?.Backend ?? sandbox.Record.Backend, Can = can?.Names ?? sandbox.Record.Can };
        return _bus.Sandboxes.PutAsync(sandbox.Record.Tenant, sandbox.Record.Id, sandbox.Record, cancellationToken);
    }

    private static FunctionFaultException NotFound(string id) =>
        new(FaultCode.SandboxNotFound, $"there is no sandbox {id}", "it was ended, or its time was over; list the sandboxes");

    private static T Read<T>(ReadOnlyMemory<byte> request, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class =>
        JsonSerializer.Deserialize(request.Span, type) ?? throw new FunctionFaultException(FaultCode.Internal, "the request is empty");

    private static ReadOnlyMemory<byte> Answer(SandboxAnswer answer) => JsonSerializer.SerializeToUtf8Bytes(answer, FunctionsJson.Default.SandboxAnswer);

    [LoggerMessage(Level = LogLevel.Warning, Message = "sandbox {Sandbox} ended by itself: {Reason}")]
    private partial void LogLost(string sandbox, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Folder} cannot be read, and what it holds is not served: {Reason}")]
    private partial void LogUnreadable(string folder, string? reason);
}
