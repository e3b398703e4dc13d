using System.Collections.Concurrent;

using ToolRuntime.Bus.Pipes;
using ToolRuntime.Functions;
using ToolRuntime.Runtime.Sandboxes;

namespace ToolRuntime.Runtime.Sessions;

/// <summary>
/// MCP servers that speak HTTP inside their sandbox: started with the first pipe of their session, each further pipe is one more connection
/// to their port. One through whose pipes nothing has gone for <c>pool.idleSeconds</c> is ended, and its sandbox with it.
/// </summary>
internal sealed class McpPorts(FunctionSandboxes sandboxes, TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan s_dialAgain = TimeSpan.FromMilliseconds(50);
    private readonly ConcurrentDictionary<(string Tenant, string Session, string Digest), Lazy<Task<PortServer>>> _servers = new();

    /// <summary>A connection to the port of a session's server.</summary>
    /// <exception cref="FunctionFaultException">The server does not start or does not listen; says what it printed.</exception>
    public async ValueTask<Stream> OpenAsync(PipeAddress address, FunctionVersion version, CancellationToken cancellationToken)
    {
        var key = (address.Tenant, address.Session, version.Digest);
        var starting = _servers.GetOrAdd(key, _ => new Lazy<Task<PortServer>>(() => StartAsync(address, version, cancellationToken)));
        try
        {
            var server = await starting.Value.WaitAsync(cancellationToken);
            return await server.DialAsync(s_dialAgain, cancellationToken);
        }
        catch (Exception)
        {
            // Whatever kept it from being reached, the next pipe starts it anew.
            await ForgetAsync(key, starting);
            throw;
        }
    }

    /// <summary>Ends those that nobody uses.</summary>
    public async Task SweepAsync()
    {
        foreach (var (key, starting) in _servers)
        {
            if (starting.Value.IsCompletedSuccessfully && starting.Value.Result is var server && (server.HasEnded || server.Idle >= TimeSpan.FromSeconds(server.Slot.Pool.Version.Manifest.Pool.IdleSeconds)))
            {
                await ForgetAsync(key, starting);
                await server.Slot.Pool.EndAsync(key.Session);
            }
        }
    }

    /// <summary>Ends the servers of a session that is over.</summary>
    public async Task EndSessionAsync(string tenant, string session)
    {
        foreach (var (key, starting) in _servers.Where(s => s.Key.Tenant == tenant && s.Key.Session == session))
        {
            await ForgetAsync(key, starting);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var (key, starting) in _servers)
        {
            await ForgetAsync(key, starting);
        }
    }

    private async Task<PortServer> StartAsync(PipeAddress address, FunctionVersion version, CancellationToken cancellationToken)
    {
        var environment = await sandboxes.Boot.EnvironmentOfAsync(version, cancellationToken);
        var slot = await sandboxes.AcquireAsync(version, new SandboxKey(address.Session, SingleUse: false), progress: null, cancellationToken);
        try
        {
            var process = await McpProcess.StartAsync(slot.Sandbox, version, environment, cancellationToken);
            var stream = new ProcessStream(process, slot.Sandbox.Lease.Agent, slot.Sandbox.Output, time, () => Task.CompletedTask);
            return new PortServer(slot, stream, version.Manifest.Port!.Value, time);
        }
        catch
        {
            sandboxes.Release(slot);
            throw;
        }
    }

    private async Task ForgetAsync((string Tenant, string Session, string Digest) key, Lazy<Task<PortServer>> starting)
    {
        if (_servers.TryRemove(KeyValuePair.Create(key, starting)) && starting.Value.IsCompletedSuccessfully)
        {
            await starting.Value.Result.DisposeAsync();
            sandboxes.Release(starting.Value.Result.Slot);
        }
    }
}
