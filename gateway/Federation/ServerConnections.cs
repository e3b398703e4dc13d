using System.Collections.Concurrent;
using System.Text.Json;

using Microsoft.Extensions.Hosting;

using ToolRuntime.Functions;

namespace ToolRuntime.Gateway.Federation;

/// <summary>Connections to MCP servers, one for each session and server; idle ones are closed, and the next call opens them again.</summary>
public sealed class ServerConnections(ServerDialer dialer, ServerAudiences audiences, ServerTools tools, SourceHealth health, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan s_sweep = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_idle = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan s_opening = TimeSpan.FromSeconds(60);
    private readonly ConcurrentDictionary<ServerAddress, Lazy<Task<ServerConnection>>> _connections = new();

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        foreach (var address in _connections.Keys)
        {
            await RemoveAsync(address);
        }
    }

    /// <summary>The connection to a server, opened where there is none.</summary>
    /// <exception cref="FunctionFaultException">The server cannot be reached.</exception>
    internal async ValueTask<ServerConnection> GetAsync(ServerAddress address, FunctionVersion version, CancellationToken cancellationToken)
    {
        if (!_connections.TryGetValue(address, out var opening))
        {
            opening = _connections.GetOrAdd(address, new Lazy<Task<ServerConnection>>(() => OpenAsync(address, version)));
        }

        try
        {
            var connection = await opening.Value.WaitAsync(cancellationToken);
            connection.LastUsed = time.GetTimestamp();
            if (!connection.Closed.IsCancellationRequested)
            {
                return connection;
            }
        }
        catch (Exception) when (opening.Value.IsFaulted || opening.Value.IsCanceled)
        {
            _connections.TryRemove(new KeyValuePair<ServerAddress, Lazy<Task<ServerConnection>>>(address, opening));
            throw;
        }

        _connections.TryRemove(new KeyValuePair<ServerAddress, Lazy<Task<ServerConnection>>>(address, opening));
        Forget(address);
        return await GetAsync(address, version, cancellationToken);
    }

    /// <summary>A connection that no other call gets; whoever gets it ends it.</summary>
    /// <exception cref="FunctionFaultException">The server cannot be reached.</exception>
    internal Task<ServerConnection> OpenAloneAsync(ServerAddress address, FunctionVersion version, CancellationToken cancellationToken) =>
        OpenAsync(address, version).WaitAsync(cancellationToken);

    /// <summary>The connection to a server if it is open, else null.</summary>
    internal ServerConnection? Find(ServerAddress address) =>
        _connections.TryGetValue(address, out var opening) && opening is { IsValueCreated: true, Value.IsCompletedSuccessfully: true } && !opening.Value.Result.Closed.IsCancellationRequested
            ? opening.Value.Result
            : null;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_sweep, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                foreach (var (address, opening) in _connections)
                {
                    if (opening.Value.IsCompletedSuccessfully && opening.Value.Result is { Waiting: 0 } idle && time.GetElapsedTime(idle.LastUsed) > s_idle && !IsHeard(address, idle))
                    {
                        await RemoveAsync(address);
                    }
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The process ends; StopAsync closes what is open.
        }
    }

    private async Task<ServerConnection> OpenAsync(ServerAddress address, FunctionVersion version)
    {
        using var patience = new CancellationTokenSource(s_opening, time);
        try
        {
            var connection = await dialer.OpenAsync(address, version, isWatch: false, (from, note) => Take((address, version), from, note), patience.Token);
            health.Works(address.Tenant, version);
            return connection;
        }
        catch (FunctionFaultException failed)
        {
            health.Fails(address.Tenant, version, failed.Fault);
            throw;
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            throw new FunctionFaultException(FaultCode.UpstreamFailed, $"the MCP server '{address.Function}' did not answer within {s_opening.TotalSeconds:0} s", "look at its logs");
        }
    }

    private void Forget(ServerAddress address)
    {
        if (tools.Forget(address))
        {
            audiences.Announce(address, new ServerNote(ServerNote.ToolsChanged, default));
        }
    }

    /// <summary>Whether somebody waits for updates that would end with the connection.</summary>
    private bool IsHeard(ServerAddress address, ServerConnection connection) => connection.Resources.Any && audiences.Has(address);

    private void Take((ServerAddress Address, FunctionVersion Version) server, ServerConnection from, ServerNote note)
    {
        if (note.Method == ServerNote.ToolsChanged)
        {
            _ = from.Change() ? RefreshAsync(server, from, note) : Task.CompletedTask;
        }
        else if (note.Method != ServerNote.ListsUnheard)
        {
            audiences.Announce(server.Address, note);
        }
    }

    /// <summary>One look at a time, however often the server says that its tools changed.</summary>
    private async Task RefreshAsync((ServerAddress Address, FunctionVersion Version) server, ServerConnection from, ServerNote note)
    {
        int seen;
        do
        {
            seen = from.Changes;
            await LookAsync(server, from, note);
        }
        while (!from.Saw(seen));
    }

    /// <summary>Clients that hear of a change ask at once, and must then find it.</summary>
    private async Task LookAsync((ServerAddress Address, FunctionVersion Version) server, ServerConnection from, ServerNote note)
    {
        var address = server.Address;
        using var patience = new CancellationTokenSource(s_opening, time);
        try
        {
            tools.Change(address, server.Version.Manifest.Prefix ?? "", await ServerLists.PagesAsync(from, ServerListKind.Tools, patience.Token));
            if (from.Closed.IsCancellationRequested)
            {
                tools.Forget(address);
            }
        }
        catch (Exception error) when (error is FunctionFaultException or OperationCanceledException or IOException or JsonException)
        {
            // A server that says so and then cannot list leaves the list as it was.
            return;
        }

        audiences.Announce(address, note);
    }

    private async Task RemoveAsync(ServerAddress address)
    {
        if (_connections.TryRemove(address, out var opening) && opening.Value.IsCompletedSuccessfully)
        {
            await opening.Value.Result.DisposeAsync();
            Forget(address);
        }
    }
}
