using ToolRuntime.Bus.Pipes;
using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Volumes;

namespace ToolRuntime.Runtime.Volumes;

/// <summary>The volumes of sandboxes, where this runtime has any.</summary>
internal sealed class SandboxVolumes(VolumeService? service) : IAsyncDisposable
{
    /// <summary>Tells what there is, and begins to answer.</summary>
    public Task StartAsync(CancellationToken cancellationToken) => service?.StartAsync(cancellationToken) ?? Task.CompletedTask;

    /// <summary>Writes every record again.</summary>
    public Task RenewAsync(CancellationToken cancellationToken) => service?.RenewAsync(cancellationToken) ?? Task.CompletedTask;

    /// <summary>The volumes that a sandbox has, which it keeps until <see cref="Release(SandboxRecord)"/>.</summary>
    /// <exception cref="FunctionFaultException">SandboxNotFound, InvalidArguments or NotSupported; names the volume.</exception>
    public Task<IReadOnlyList<VolumeBinding>> BindAsync(SandboxRecord record, CancellationToken cancellationToken) =>
        BindAsync(record.Tenant, record.Settings.Volumes, record.Id, cancellationToken);

    /// <summary>The volumes that <paramref name="holder"/> gets.</summary>
    /// <exception cref="FunctionFaultException">SandboxNotFound, InvalidArguments or NotSupported; names the volume.</exception>
    public async Task<IReadOnlyList<VolumeBinding>> BindAsync(string tenant, IReadOnlyList<VolumeMount> mounts, string holder, CancellationToken cancellationToken)
    {
        if (mounts.Count == 0)
        {
            return [];
        }

        return service is null
            ? throw new FunctionFaultException(FaultCode.NotSupported, $"this runtime keeps no volumes, and volume '{mounts[0].Name}' was asked for")
            : await service.Store.BindAsync(tenant, mounts, holder, cancellationToken);
    }

    /// <summary>A paused sandbox goes on having its volumes.</summary>
    public void Keep(SandboxRecord record) => service?.Store.Keep(record.Tenant, record.Settings.Volumes, record.Id);

    /// <summary>A sandbox has none any more.</summary>
    public void Release(SandboxRecord record) => Release(record.Id);

    /// <summary>A holder has none any more.</summary>
    public void Release(string holder) => service?.Store.Release(holder);

    /// <summary>The runtime's end of a pipe to a volume's files.</summary>
    /// <exception cref="FunctionFaultException">SandboxNotFound, or NotSupported.</exception>
    public ValueTask<Stream> OpenAsync(PipeAddress address, CancellationToken cancellationToken) =>
        service?.OpenAsync(address, cancellationToken) ?? throw new FunctionFaultException(FaultCode.NotSupported, "this runtime keeps no volumes");

    /// <summary>What one made from a snapshot has: what the snapshot had, whose programs know it, and what is asked for.</summary>
    /// <exception cref="FunctionFaultException">InvalidArguments: the two do not go together.</exception>
    public static IReadOnlyList<VolumeMount> Together(SandboxSettings snapshot, SandboxSettings asked)
    {
        IReadOnlyList<VolumeMount> all = [.. snapshot.Volumes, .. asked.Volumes.Except(snapshot.Volumes)];
        return VolumeMount.WrongIn(all) is { } wrong ? throw new FunctionFaultException(FaultCode.InvalidArguments, $"{wrong}; the snapshot has {string.Join(", ", snapshot.Volumes.Select(v => $"{v.Name} at {v.Path}"))}") : all;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => service?.DisposeAsync() ?? ValueTask.CompletedTask;
}
