using System.Collections.Concurrent;

using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

using ToolRuntime.Functions;
using ToolRuntime.Gateway.Catalog;

namespace ToolRuntime.Gateway.Federation.Sources;

/// <summary>A watch for each remote server of the catalog.</summary>
public sealed partial class RemoteWatches : IHostedService, IAsyncDisposable
{
    private readonly ConcurrentDictionary<(string Tenant, string Name), RemoteWatch> _watches = new();
    private readonly ToolCatalog _catalog;
    private readonly SourceHealth _health;
    private readonly ILogger<RemoteWatches> _log;
    private readonly WatchParts _parts;
    private readonly Lock _gate = new();
    private IDisposable? _changes;

    /// <summary>Puts the parts together.</summary>
    public RemoteWatches(ToolCatalog catalog, ServerDialer dialer, SourceHealth health, VersionRefresh refresh, ILoggerFactory loggers, TimeProvider time)
    {
        (_catalog, _health, _log) = (catalog, health, loggers.CreateLogger<RemoteWatches>());
        _parts = new WatchParts(dialer, refresh, time, Works, Failed, (version, found) => Changed(_log, version.Manifest.Name, string.Join("; ", found)));
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _changes = _catalog.SubscribeAll(Follow);
        foreach (var tenant in _catalog.Tenants)
        {
            Follow(tenant);
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken) => await DisposeAsync();

    /// <summary>Looks at a server's lists now; null, or why it could not be done.</summary>
    /// <exception cref="FunctionFaultException">There is no remote server of that name.</exception>
    public Task<FunctionFault?> LookAsync(string tenant, string name, CancellationToken cancellationToken) =>
        _watches.TryGetValue((tenant, name), out var watch)
            ? watch.LookAsync(cancellationToken)
            : throw new FunctionFaultException(FaultCode.ToolNotFound, $"there is no remote MCP server '{name}'", "'toolrt mcp ls' lists them");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _changes?.Dispose();
        foreach (var key in _watches.Keys)
        {
            if (_watches.TryRemove(key, out var watch))
            {
                await watch.DisposeAsync();
            }
        }
    }

    /// <summary>Brings the watches of a tenant in line with the catalog.</summary>
    private void Follow(string tenant)
    {
        lock (_gate)
        {
            var remotes = _catalog.Of(tenant).Servers.Where(v => v.Manifest.Remote is not null).ToDictionary(v => v.Manifest.Name, StringComparer.Ordinal);
            foreach (var (key, watch) in _watches.Where(w => w.Key.Tenant == tenant))
            {
                if (!remotes.TryGetValue(key.Name, out var version) || ServerAddress.LinkOf(version) != watch.Link)
                {
                    _watches.TryRemove(key, out _);
                    _health.Forget(tenant, key.Name);
                    _ = watch.DisposeAsync().AsTask();
                }
            }

            foreach (var version in remotes.Values)
            {
                _watches.GetOrAdd((tenant, version.Manifest.Name), _ => new RemoteWatch(version, _parts)).Serves(version);
            }
        }
    }

    private void Works(FunctionVersion version) => _health.Works(version.Tenant, version);

    private void Failed(FunctionVersion version, FunctionFault fault)
    {
        if (_health.Of(version.Tenant, version.Manifest.Name) is not { Fault: not null })
        {
            DoesNotAnswer(_log, version.Manifest.Name, fault.Message);
        }

        _health.Fails(version.Tenant, version, fault);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The lists of MCP server {Server} changed: {Found}")]
    private static partial void Changed(ILogger log, string server, string found);

    [LoggerMessage(Level = LogLevel.Warning, Message = "MCP server {Server} does not answer; it is tried again: {Reason}")]
    private static partial void DoesNotAnswer(ILogger log, string server, string reason);
}
