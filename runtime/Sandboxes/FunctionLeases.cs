using ToolRuntime.Functions;
using ToolRuntime.Runtime.Egress;
using ToolRuntime.Runtime.Volumes;
using ToolRuntime.Sandbox.Pools;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Runtime.Sandboxes;

/// <summary>Leases sandboxes for functions, with the volumes and the way out that an MCP server's manifest gives it.</summary>
internal sealed class FunctionLeases(WarmPools pools, SandboxVolumes volumes, ServerEgress? egress)
{
    /// <summary>A sandbox for <paramref name="version"/>, and what ends with it.</summary>
    /// <exception cref="FunctionFaultException">PoolExhausted or SandboxLost; SandboxNotFound, InvalidArguments or NotSupported for a volume or egress.</exception>
    public async Task<(ISandboxLease Lease, IAsyncDisposable Beside)> LeaseAsync(FunctionVersion version, IProgress<WaitingPlace>? waiting, CancellationToken cancellationToken)
    {
        var manifest = version.Manifest;
        if (manifest.Egress.Count > 0 && egress is null)
        {
            throw new FunctionFaultException(FaultCode.NotSupported, $"{manifest.Name}: this runtime lets nothing out of sandboxes");
        }

        var beside = new Surroundings(volumes, $"server {manifest.Name} ({Ids.New()})");
        ISandboxLease? lease = null;
        try
        {
            var bound = await volumes.BindAsync(version.Tenant, manifest.Volumes, beside.Holder, cancellationToken);
            lease = await pools.LeaseAsync(new LeaseRequest(SandboxBoot.KindOf(version), version.Tenant, manifest.Limits, version.Layers) { Rests = manifest.Language == FunctionLanguage.Mcp, Volumes = bound }, waiting, cancellationToken);
            beside.Proxy = egress is null ? null : await egress.OpenAsync(lease.Agent, version, cancellationToken);
            return (lease, beside);
        }
        catch (Exception error)
        {
            await (lease?.DisposeAsync() ?? ValueTask.CompletedTask);
            await beside.DisposeAsync();
            throw error is AgentException ? new FunctionFaultException(new FunctionFault(FaultCode.SandboxLost, $"{manifest.Name}: a sandbox could not be prepared: {error.Message}", "run toolrt doctor"), error) : error;
        }
    }

    private sealed class Surroundings(SandboxVolumes volumes, string holder) : IAsyncDisposable
    {
        public string Holder => holder;

        public EgressProxy? Proxy { get; set; }

        public async ValueTask DisposeAsync()
        {
            volumes.Release(holder);
            await (Proxy?.DisposeAsync() ?? ValueTask.CompletedTask);
        }
    }
}
