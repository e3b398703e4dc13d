using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Agent;
using ToolRuntime.Sandbox.Backends;
using ToolRuntime.Sandbox.Protocol;
using ToolRuntime.Sandbox.Volumes;

namespace ToolRuntime.Sandbox.Pools;

/// <summary>A booted sandbox whose agent has answered and whose resident worker is ready.</summary>
internal sealed class WarmSandbox : IAsyncDisposable
{
    private static readonly TimeSpan _settle = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _toTellWhy = TimeSpan.FromSeconds(1);
    private readonly TaskCompletionSource<SandboxEnd> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly DateTimeOffset _since;
    private int _released;
    private volatile bool _suspending;

    private WarmSandbox(BootShape shape, IBackedSandbox sandbox, AgentClient agent, (string Id, Stream Stream) worker, DateTimeOffset since)
    {
        _since = since;
        Shape = shape;
        Sandbox = sandbox;
        Standstill = new Standstill(sandbox);
        agent.OnUse = Standstill.Use;
        Agent = agent;
        (WorkerId, Worker) = worker;
    }

    public BootShape Shape { get; }

    public IBackedSandbox Sandbox { get; }

    /// <summary>Whether it stands still.</summary>
    public Standstill Standstill { get; }

    /// <summary>Whether it is being suspended, or was.</summary>
    public bool IsSuspending => _suspending;

    public AgentClient Agent { get; }

    public string WorkerId { get; }

    public Stream Worker { get; }

    /// <summary>The epoch of its channel: 1 for one that was booted.</summary>
    public ulong Epoch { get; private init; } = 1;

    public Task<SandboxEnd> Ended => _ended.Task;

    /// <summary>Brings a booted sandbox to READY; ends it when that fails.</summary>
    public static ValueTask<WarmSandbox> PrepareAsync(BootShape shape, IBackedSandbox sandbox, TimeProvider time, CancellationToken cancellationToken)
    {
        return ConnectAsync(shape, sandbox, 1, StartAsync, time, cancellationToken);

        async ValueTask<(string Id, Stream Worker)> StartAsync(AgentClient agent)
        {
            if (shape.Kind.Language == FunctionLanguage.Sandbox)
            {
                await SandboxProxies.PrepareAsync(agent, cancellationToken);
            }

            return await StartWorkerAsync(shape, agent, cancellationToken);
        }
    }

    /// <summary>Goes on with a restored sandbox under the next epoch; ends it when its agent does not answer.</summary>
    public static ValueTask<WarmSandbox> ResumeAsync(OpenCheckpoint open, IBackedSandbox sandbox, TimeProvider time, CancellationToken cancellationToken) =>
        ConnectAsync(open.Shape, sandbox, open.Checkpoint.Epoch + 1, agent => OpenWorkerAsync(open.Checkpoint.WorkerId, agent, time, cancellationToken), time, cancellationToken);

    private static async ValueTask<WarmSandbox> ConnectAsync(
        BootShape shape,
        IBackedSandbox sandbox,
        ulong epoch,
        Func<AgentClient, ValueTask<(string Id, Stream Worker)>> openWorker,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        AgentClient? agent = null;
        try
        {
            agent = await AgentClient.ConnectAsync(sandbox.FromAgent, sandbox.ToAgent, epoch, time, cancellationToken);
            var worker = await openWorker(agent);

            // runsc itself still has 20 ms to go then. What it could refuse from here on ends the sandbox, which is seen like any other end.
            _ = sandbox.Started.ContinueWith(static started => _ = started.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            var warm = new WarmSandbox(shape, sandbox, agent, worker, time.GetUtcNow()) { Epoch = epoch };
            _ = warm.WatchAsync();
            return warm;
        }
        catch
        {
            // Where gVisor refused, that is the reason, and the agent's silence only what came of it.
            var refused = await Task.WhenAny(sandbox.Started, Task.Delay(_toTellWhy, time, CancellationToken.None));

            // The sandbox first: its end is what frees a reader that is blocked on its channel.
            await sandbox.DisposeAsync();
            if (agent is not null)
            {
                await agent.DisposeAsync();
            }

            await refused;
            throw;
        }
    }

    /// <summary>Puts the host's folder <paramref name="source"/> at <c>/layers/name</c>, for reading only.</summary>
    /// <exception cref="IOException">It cannot be mounted, or the channel has ended.</exception>
    /// <exception cref="AgentException">It cannot be copied.</exception>
    public ValueTask AddLayerAsync(string source, string name, CancellationToken cancellationToken)
    {
        if (Shape.CopiesLayers)
        {
            return LayerCopy.CopyAsync(Agent, source, $"/layers/{name}", cancellationToken);
        }

        Sandbox.MountLayer(source, name);
        return ValueTask.CompletedTask;
    }

    /// <summary>Puts volumes into their places: mounts them, unless they were mounted before it ran, and links to them.</summary>
    /// <exception cref="FunctionFaultException">NotSupported: it cannot have volumes. InvalidArguments: something stands where one is to be.</exception>
    /// <exception cref="IOException">One cannot be mounted, or the channel has ended.</exception>
    public async ValueTask AddVolumesAsync(IReadOnlyList<VolumeBinding> volumes, bool areMounted, CancellationToken cancellationToken)
    {
        foreach (var volume in volumes)
        {
            if (!areMounted)
            {
                if (!Shape.HasVolumes && Sandbox.Capabilities.Volumes)
                {
                    throw new FunctionFaultException(FaultCode.NotSupported, $"volume {volume.Mount.Name}: only sandboxes that callers drive and MCP servers have volumes");
                }

                Sandbox.MountVolume(volume);
            }

            try
            {
                await Agent.AskAsync(new AgentRequest { Op = AgentOperation.FileLink, Path = volume.Mount.Path, To = $"/volumes/{volume.Mount.Name}" }, cancellationToken);
            }
            catch (AgentException error)
            {
                throw new FunctionFaultException(FaultCode.InvalidArguments, $"volume {volume.Mount.Name} cannot be at {volume.Mount.Path}: {error.Message}", "choose a path where nothing stands, or an empty folder");
            }
        }
    }

    /// <summary>Suspends the agent; the end of the channel is not the sandbox's end from here on, which <see cref="Finish"/> tells.</summary>
    /// <exception cref="IOException">The channel has ended.</exception>
    public async ValueTask SuspendAsync(CancellationToken cancellationToken)
    {
        _suspending = true;
        await Agent.SuspendAsync(cancellationToken);
    }

    /// <summary>Freezes it where it has had its time to settle. What it had begun by itself, such as importing ahead, goes on in whoever's hands it comes to.</summary>
    public void FreezeSettled(DateTimeOffset now)
    {
        if (!Standstill.IsFrozen && now - _since >= _settle)
        {
            Standstill.Freeze();
        }
    }

    /// <summary>Says why it has ended; the first reason stays.</summary>
    public void Finish(SandboxEnd end) => _ended.TrySetResult(end);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _released, 1) == 0)
        {
            _ended.TrySetResult(SandboxEnd.Released);
        }

        await Sandbox.DisposeAsync();
        await Agent.DisposeAsync();
    }

    private static async ValueTask<(string Id, Stream Worker)> StartWorkerAsync(BootShape shape, AgentClient agent, CancellationToken cancellationToken)
    {
        if (WorkerCommands.For(shape) is not { } spec)
        {
            return ("", Stream.Null);
        }

        await agent.StartWorkerAsync(spec, cancellationToken);
        var worker = await agent.OpenWorkerAsync(spec.Id!, cancellationToken);
        try
        {
            await ReadyFrame.ReadAsync(worker, cancellationToken);
        }
        catch (InvalidDataException error)
        {
            throw new InvalidDataException($"{error.Message}: {await WorkerOutputAsync(agent, spec.Id!, cancellationToken)}", error);
        }

        return (spec.Id!, worker);
    }

    // One that ended, or got another name meanwhile, is nobody's resident worker any more.
    private static async ValueTask<(string Id, Stream Worker)> OpenWorkerAsync(string id, AgentClient agent, TimeProvider time, CancellationToken cancellationToken)
    {
        if (id.Length == 0)
        {
            return ("", Stream.Null);
        }

        try
        {
            var worker = await agent.OpenWorkerAsync(id, cancellationToken);
            if (WorkerCommands.IsKernel(id))
            {
                await ResidentKernel.TellRestoredAsync(worker, time, cancellationToken);
            }

            return (id, worker);
        }
        catch (AgentException error) when (error.Code == AgentErrorCode.NotFound)
        {
            return ("", Stream.Null);
        }
    }

    // What a worker that died at its start had to say, which is the only clue to a broken image.
    private static async ValueTask<string> WorkerOutputAsync(AgentClient agent, string id, CancellationToken cancellationToken)
    {
        const int Kept = 2048;
        await using var output = await agent.OpenWorkerOutputAsync(id, cancellationToken);
        var text = new System.Text.StringBuilder();
        while (text.Length < Kept && await output.ReadAsync(cancellationToken) is { } piece)
        {
            text.Append(System.Text.Encoding.UTF8.GetString(piece.Data.Span));
        }

        return text.ToString().Trim();
    }

    private async Task WatchAsync()
    {
        await Agent.Closed;
        if (_suspending)
        {
            return;
        }

        _ended.TrySetResult(Sandbox.WasOutOfMemory ? SandboxEnd.OutOfMemory : SandboxEnd.Lost);
    }
}
