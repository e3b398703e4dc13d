using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Agent;
using ToolRuntime.Sandbox.Backends;
using ToolRuntime.Sandbox.Checkpoints;

namespace ToolRuntime.Sandbox.Pools;

/// <summary>A leased sandbox; disposing ends it and tells the pools.</summary>
internal sealed class SandboxLease : ISandboxLease
{
    private readonly WarmSandbox _sandbox;
    private readonly LeaseTerms _terms;
    private readonly SandboxSuspender _suspender;
    private readonly Func<WarmSandbox, ValueTask> _release;
    private int _suspending;

    /// <summary>A lease of <paramref name="sandbox"/>, given back through <paramref name="release"/>.</summary>
    public SandboxLease(WarmSandbox sandbox, LeaseTerms terms, SandboxSuspender suspender, Func<WarmSandbox, ValueTask> release)
    {
        _sandbox = sandbox;
        _terms = terms;
        _suspender = suspender;
        _release = release;
    }

    /// <inheritdoc/>
    public string SandboxId => _sandbox.Sandbox.Id;

    /// <inheritdoc/>
    public AgentClient Agent => _sandbox.Agent;

    /// <inheritdoc/>
    public string WorkerId => _sandbox.WorkerId;

    /// <inheritdoc/>
    public Stream Worker => _sandbox.Worker;

    /// <inheritdoc/>
    public bool IsFrozen => _sandbox.Standstill.IsFrozen;

    /// <inheritdoc/>
    public void Freeze() => _sandbox.Standstill.Freeze();

    /// <inheritdoc/>
    public SandboxCapabilities Capabilities => _sandbox.Sandbox.Capabilities;

    /// <inheritdoc/>
    public Task<SandboxEnd> Ended => _sandbox.Ended;

    /// <inheritdoc/>
    public string LastWords => $"{(Agent.Closed.IsCompletedSuccessfully ? Agent.Closed.Result : "")} {_sandbox.Sandbox.Log()}".Trim();

    /// <inheritdoc/>
    public bool RestoredFromSnapshot => _sandbox.Epoch > 1;

    /// <inheritdoc/>
    public async Task<SandboxCheckpoint> CheckpointAsync(string folder, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _suspending, 1) == 1)
        {
            throw new FunctionFaultException(FaultCode.CheckpointRefused, $"the sandbox {SandboxId} is being suspended already");
        }

        HalfCheckpoint half;
        try
        {
            half = await _suspender.SuspendAsync(_sandbox, _terms, Path.GetFullPath(folder), cancellationToken);
        }
        catch (FunctionFaultException error) when (error.Fault.Code is FaultCode.CheckpointRefused or FaultCode.NotSupported)
        {
            _suspending = 0;
            throw;
        }
        catch
        {
            await _release(_sandbox);
            throw;
        }

        // The sandbox's remains go while its memory goes to the disk.
        var released = _release(_sandbox).AsTask();
        try
        {
            return await Task.Run(half.Publish, CancellationToken.None);
        }
        finally
        {
            await released;
        }
    }

    /// <inheritdoc/>
    public Task<FilesArchive> ArchiveFilesAsync(string folder, CancellationToken cancellationToken) =>
        _suspender.Files.ArchiveAsync(_sandbox, _terms, Path.GetFullPath(folder), cancellationToken);

    /// <inheritdoc/>
    public Task RestoreFilesAsync(string folder, CancellationToken cancellationToken) =>
        SandboxFiles.RestoreAsync(_sandbox, Path.GetFullPath(folder), cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _release(_sandbox);
}
