using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Images;
using ToolRuntime.Sandbox.Protocol;
using ToolRuntime.Sandbox.Runsc;

namespace ToolRuntime.Sandbox.Pools;

/// <summary>Makes warm sandboxes: image, boot, agent, worker. Twice as many at once as the machine has processors: a boot is mostly computing, but also waits.</summary>
internal sealed class SandboxBooter : IDisposable
{
    /// <summary>Most time from the start of gVisor to a worker's READY.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly RunscBackend _backend;
    private readonly ImageStore _images;
    private readonly IProgress<string> _progress;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _slots = new(Parallel);

    /// <summary>Boots through <paramref name="backend"/> what <paramref name="images"/> has.</summary>
    public SandboxBooter(RunscBackend backend, ImageStore images, IProgress<string> progress, TimeProvider time)
    {
        _backend = backend;
        _images = images;
        _progress = progress;
        _time = time;
    }

    /// <summary>Boots at once.</summary>
    public static int Parallel { get; } = Math.Max(2, Environment.ProcessorCount * 2);

    /// <summary>Boots one; <c>Took</c> is the time from the start of gVisor to READY.</summary>
    /// <exception cref="FunctionFaultException">It could not be booted; the fault says why.</exception>
    public async Task<(WarmSandbox Sandbox, TimeSpan Took)> BootAsync(BootShape shape, CancellationToken cancellationToken)
    {
        try
        {
            var image = await _images.EnsureAsync(shape.Kind.Image, _progress, cancellationToken);
            await _slots.WaitAsync(cancellationToken);
            try
            {
                return await BootAsync(image, shape, cancellationToken);
            }
            finally
            {
                _slots.Release();
            }
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

    private async Task<(WarmSandbox Sandbox, TimeSpan Took)> BootAsync(SandboxImage image, BootShape shape, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(Deadline, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        var start = _time.GetTimestamp();
        try
        {
            var sandbox = await _backend.BootAsync(image, new RootShape(shape.ScratchMiB, shape.CopiesLayers), SandboxLimits.AtBoot(shape), both.Token);
            var warm = await WarmSandbox.PrepareAsync(shape, sandbox, _time, both.Token);
            return (warm, _time.GetElapsedTime(start));
        }
        catch (OperationCanceledException error) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException($"not within {Deadline.TotalSeconds} s", error);
        }
    }
}
