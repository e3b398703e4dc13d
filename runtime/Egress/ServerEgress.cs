using ToolRuntime.Bus.Logs;
using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Agent;
using ToolRuntime.Sandbox.Pools;

namespace ToolRuntime.Runtime.Egress;

/// <summary>The way out of the sandboxes of MCP servers, for those whose manifest names hosts; the others have no network.</summary>
internal sealed class ServerEgress(EgressServices services, FunctionLogs logs)
{
    /// <summary>Opens the way out of a sandbox that was just leased, before its server starts; null where nothing may go out.</summary>
    public async Task<EgressProxy?> OpenAsync(AgentClient agent, FunctionVersion version, CancellationToken cancellationToken)
    {
        var manifest = version.Manifest;
        if (manifest.Egress.Count == 0)
        {
            return null;
        }

        var log = new DecisionLog(line => logs.Append(version.Tenant, manifest.Name, line), services.Time);
        var proxy = new EgressProxy(services, version.Tenant, new EgressRules { Allow = manifest.Egress }, PackageMirrors.None, log);
        try
        {
            agent.OnOpened = proxy.ServeAsync;
            await SandboxProxies.PrepareAsync(agent, cancellationToken);
            await EgressSetup.TrustAsync(agent, services.Tls.GuestTrust, cancellationToken);
            return proxy;
        }
        catch
        {
            await proxy.DisposeAsync();
            throw;
        }
    }
}
