using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Backends;
using ToolRuntime.Sandbox.Cgroups;
using ToolRuntime.Sandbox.Docker.Engine;
using ToolRuntime.Sandbox.Volumes;

namespace ToolRuntime.Sandbox.Docker;

/// <summary>One container. Its limits are those that it was made with.</summary>
internal sealed class DockerSandbox(string id, string container, MultiplexedStream stream, ContainerOperations containers) : IBackedSandbox
{
    private static readonly TimeSpan s_end = TimeSpan.FromSeconds(30);
    private readonly Lock _gate = new();
    private Task? _disposal;

    /// <inheritdoc/>
    public string Id => id;

    /// <inheritdoc/>
    public Task Started => Task.CompletedTask;

    /// <inheritdoc/>
    public Stream FromAgent => stream;

    /// <inheritdoc/>
    public Stream ToAgent => stream;

    /// <inheritdoc/>
    public required (string Name, string Digest) Image { get; init; }

    /// <inheritdoc/>
    public string Log() => stream.Errors;

    /// <inheritdoc/>
    public SandboxCapabilities Capabilities => SandboxCapabilities.Docker;

    /// <inheritdoc/>
    public bool WasOutOfMemory { get; private set; }

    /// <inheritdoc/>
    public void SetLimits(in CgroupLimits limits)
    {
        // A container is made with its limits; pools keep one shape apart from another.
    }

    /// <inheritdoc/>
    public bool Freeze() => false;

    /// <inheritdoc/>
    public void Thaw()
    {
        // The engine's pause and unpause take longer than a lease may: it is never frozen.
    }

    /// <inheritdoc/>
    public bool? HasRun() => null;

    /// <inheritdoc/>
    public void MountLayer(string source, string name) =>
        throw new FunctionFaultException(FaultCode.NotSupported, "layers cannot be mounted into a container that runs", "they are copied; keep them below 4 MiB, or use an image of a recipe");

    /// <inheritdoc/>
    public void MountVolume(VolumeBinding volume) =>
        throw new FunctionFaultException(FaultCode.NotSupported, $"volume {volume.Mount.Name} cannot be mounted into a container that runs", "use an image of a recipe");

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            return new ValueTask(_disposal ??= EndAsync());
        }
    }

    private async Task EndAsync()
    {
        await Task.Yield();
        using var deadline = new CancellationTokenSource(s_end);
        try
        {
            WasOutOfMemory = (await containers.InspectContainerAsync(container, deadline.Token)).State.OutOfMemoryKilled;
            await containers.RemoveContainerAsync(container, deadline.Token);
        }
        catch (DockerApiException)
        {
            // The engine, or the container, is gone; the next start sweeps.
            return;
        }
        finally
        {
            await stream.DisposeAsync();
        }
    }
}
