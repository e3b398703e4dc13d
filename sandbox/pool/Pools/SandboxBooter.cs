using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Agent;
using ToolRuntime.Sandbox.Checkpoints;
using ToolRuntime.Sandbox.Docker;
using ToolRuntime.Sandbox.Images;
using ToolRuntime.Sandbox.Protocol;
using ToolRuntime.Sandbox.Runsc;

namespace ToolRuntime.Sandbox.Pools;

/// <summary>Makes warm sandboxes: image, boot, agent, worker. Twice as many at once as the machine has processors: a boot is mostly computing, but also waits.</summary>
internal sealed class SandboxBooter : IDisposable
{
    /// <summary>Most time from the start of gVisor to a worker's READY.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    // What runsc writes first when the state in the files is none that it can load.
    private const string RefusedByRunsc = "restoring container";

    private readonly RunscBackend _backend;
    private readonly CheckpointPlace _place;
    private readonly SandboxTemplates _templates;
    private readonly ImageStore _images;
    private readonly IProgress<string> _progress;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _slots = new(Parallel);

    /// <summary>Boots through <paramref name="backend"/> what <paramref name="images"/> has.</summary>
    public SandboxBooter(RunscBackend backend, (CheckpointPlace Place, SandboxTemplates Templates) checkpoints, ImageStore images, IProgress<string> progress, TimeProvider time)
    {
        (_place, _templates) = checkpoints;
        _backend = backend;
        _images = images;
        _progress = progress;
        _time = time;
    }

    /// <summary>The Docker Engine for images that are its own; null where there is none.</summary>
    public DockerBackend? Docker { get; init; }

    /// <summary>Boots at once.</summary>
    public static int Parallel { get; } = Math.Max(2, Environment.ProcessorCount * 2);

    /// <summary>What is done last with each that has started, from a snapshot or not.</summary>
    public Func<PoolKind, AgentClient, CancellationToken, Task>? OnBooted { get; set; }

    /// <summary>Restores one; <c>Took</c> is the time from the start of gVisor to the agent's answer.</summary>
    /// <exception cref="FunctionFaultException">CheckpointRefused: it cannot be restored. SandboxLost: it could not be just now.</exception>
    public async Task<(WarmSandbox Sandbox, TimeSpan Took)> RestoreAsync(OpenCheckpoint open, CancellationToken cancellationToken)
    {
        try
        {
            return await InSlotAsync(() => RestoreOneAsync(open, cancellationToken), cancellationToken);
        }
        catch (FunctionFaultException error) when (error.Fault.Detail?.Contains(RefusedByRunsc, StringComparison.Ordinal) == true)
        {
            await open.Verified;
            throw CheckpointRules.Refused(open.Folder, $"gVisor cannot load it: {error.Fault.Detail.Split('\n')[0]}", error);
        }
        catch (Exception error) when (error is IOException or InvalidDataException or AgentException)
        {
            throw new FunctionFaultException(
                new FunctionFault(FaultCode.SandboxLost, $"the checkpoint {Path.GetFileName(open.Folder)} did not come back: {error.Message}", "try again; else start from the session's files"), error);
        }
    }

    /// <summary>Boots one, or unless it is to be fresh starts it from a snapshot; <c>Took</c> is the time from the start of gVisor to READY.</summary>
    /// <exception cref="FunctionFaultException">It could not be booted; the fault says why.</exception>
    public async Task<(WarmSandbox Sandbox, TimeSpan Took)> BootAsync(BootShape shape, bool isFresh, CancellationToken cancellationToken)
    {
        try
        {
            if (WarmPools.IsOfDocker(shape.Kind.Image))
            {
                return await FinishAsync(await InSlotAsync(() => BootContainerAsync(shape, cancellationToken), cancellationToken), cancellationToken);
            }

            var image = await _images.EnsureAsync(shape.Kind.Image, _progress, cancellationToken);
            return await FinishAsync(
                await InSlotAsync(() => isFresh ? BootAsync(image, shape, cancellationToken) : StartAsync(image, shape, cancellationToken), cancellationToken), cancellationToken);
        }
        catch (SandboxSetupException error)
        {
            throw new FunctionFaultException(new FunctionFault(FaultCode.SandboxLost, error.Problem, error.Hint), error);
        }
        catch (Exception error) when (error is IOException or InvalidDataException or AgentException)
        {
            throw new FunctionFaultException(
                new FunctionFault(FaultCode.SandboxLost, $"a sandbox of image {shape.Kind.Image} did not get ready: {error.Message}", "run toolrt doctor"), error);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _slots.Dispose();
        _images.Dispose();
    }

    private async Task<(WarmSandbox Sandbox, TimeSpan Took)> FinishAsync((WarmSandbox Sandbox, TimeSpan Took) booted, CancellationToken cancellationToken)
    {
        try
        {
            await (OnBooted?.Invoke(booted.Sandbox.Shape.Kind, booted.Sandbox.Agent, cancellationToken) ?? Task.CompletedTask);
            return booted;
        }
        catch
        {
            await booted.Sandbox.DisposeAsync();
            throw;
        }
    }

    private async Task<T> InSlotAsync<T>(Func<Task<T>> work, CancellationToken cancellationToken)
    {
        await _slots.WaitAsync(cancellationToken);
        try
        {
            return await work();
        }
        finally
        {
            _slots.Release();
        }
    }

    private Task<(WarmSandbox Sandbox, TimeSpan Took)> BootContainerAsync(BootShape shape, CancellationToken cancellationToken)
    {
        var docker = Docker ?? throw new SandboxSetupException($"there is no Docker Engine for image {shape.Kind.Image}", "name its socket in toolruntime.docker of host.json");
        return TimedAsync(
            async token =>
            {
                var container = await docker.BootAsync(shape.Kind.Image, SandboxLimits.AtBoot(shape), shape.ScratchMiB, token);
                var warm = await WarmSandbox.PrepareAsync(shape, container, _time, token);
                await warm.Agent.MakeFolderAsync("/home/user", recursive: true, token);
                return warm;
            },
            cancellationToken);
    }

    // From a snapshot, where that is the faster way.
    private async Task<(WarmSandbox Sandbox, TimeSpan Took)> StartAsync(SandboxImage image, BootShape shape, CancellationToken cancellationToken)
    {
        if (!_templates.Serves(image, shape) || await FindTemplateAsync(image, shape, cancellationToken) is not { } template)
        {
            return await BootAsync(image, shape, cancellationToken);
        }

        try
        {
            return await StartFromAsync(template, cancellationToken);
        }
        catch (Exception error) when (error is FunctionFaultException or IOException or InvalidDataException)
        {
            _templates.Forget(template);
            return await BootAsync(image, shape, cancellationToken);
        }
    }

    private async Task<OpenCheckpoint?> FindTemplateAsync(SandboxImage image, BootShape shape, CancellationToken cancellationToken)
    {
        try
        {
            return await _templates.FindAsync(
                image,
                shape,
                open => open is null ? BootAsync(image, shape, cancellationToken) : StartFromAsync(open, cancellationToken),
                cancellationToken);
        }
        catch (FunctionFaultException error) when (error.Fault.Code == FaultCode.CheckpointRefused)
        {
            // A full disk, for instance: it is tried again with the next one.
            return null;
        }
    }

    private async Task<(WarmSandbox Sandbox, TimeSpan Took)> StartFromAsync(OpenCheckpoint template, CancellationToken cancellationToken)
    {
        var restored = await RestoreOneAsync(template, cancellationToken);
        try
        {
            restored.Sandbox.Sandbox.SetLimits(SandboxLimits.AtBoot(restored.Sandbox.Shape));
            return restored;
        }
        catch
        {
            await restored.Sandbox.DisposeAsync();
            throw;
        }
    }

    private Task<(WarmSandbox Sandbox, TimeSpan Took)> BootAsync(SandboxImage image, BootShape shape, CancellationToken cancellationToken)
    {
        var launch = new RunscLaunch(image, new RootShape(shape.ScratchMiB, shape.CopiesLayers, shape.HasVolumes), SandboxLimits.AtBoot(shape));
        return TimedAsync(
            async token => await WarmSandbox.PrepareAsync(shape, await _backend.BootAsync(launch, token), _time, token),
            cancellationToken);
    }

    private async Task<(WarmSandbox Sandbox, TimeSpan Took)> RestoreOneAsync(OpenCheckpoint open, CancellationToken cancellationToken)
    {
        var verified = open.Verified;
        if (verified.IsFaulted)
        {
            await verified;
        }

        var restored = await TimedAsync(token => LaunchAsync(open, token), cancellationToken);
        try
        {
            await verified;
            return restored;
        }
        catch
        {
            await restored.Sandbox.DisposeAsync();
            throw;
        }
    }

    private async Task<WarmSandbox> LaunchAsync(OpenCheckpoint open, CancellationToken cancellationToken)
    {
        var shape = open.Shape;
        var (image, tools) = Provide(open);
        var launch = new RunscLaunch(image, new RootShape(shape.ScratchMiB, shape.CopiesLayers, shape.HasVolumes), SandboxLimits.AtRestore(shape))
        {
            Checkpoint = open.Folder,
            ToolsFolder = tools,
            Layers = open.Layers,
            Volumes = open.Volumes,
        };
        return await WarmSandbox.ResumeAsync(open, await _backend.BootAsync(launch, cancellationToken), _time, cancellationToken);
    }

    private (SandboxImage Image, string? Tools) Provide(OpenCheckpoint open)
    {
        try
        {
            return _place.Provide(open.Folder, open.Checkpoint);
        }
        catch (IOException error)
        {
            throw CheckpointRules.Refused(open.Folder, error.Message, error);
        }
    }

    private async Task<(WarmSandbox Sandbox, TimeSpan Took)> TimedAsync(Func<CancellationToken, Task<WarmSandbox>> work, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(Deadline, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        var start = _time.GetTimestamp();
        try
        {
            return (await work(both.Token), _time.GetElapsedTime(start));
        }
        catch (OperationCanceledException error) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException($"not within {Deadline.TotalSeconds} s", error);
        }
    }
}
