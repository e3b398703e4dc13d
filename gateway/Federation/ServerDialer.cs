using System.Collections.Concurrent;
using System.Text.Json;

using ToolRuntime.Bus;
using ToolRuntime.Bus.Pipes;
using ToolRuntime.Functions;
using ToolRuntime.Gateway.Federation.Upstream;
using ToolRuntime.Gateway.Secrets;

namespace ToolRuntime.Gateway.Federation;

/// <summary>
/// Makes connections to MCP servers: over a pipe into a sandbox, or over HTTP to a remote one or to a port in a sandbox. What a remote
/// server turned out to speak is remembered, so that it is found out once.
/// </summary>
public sealed class ServerDialer(SecretStore secrets, TimeProvider time, MessageBus? bus = null) : IDisposable
{
    private const int MaximumKept = 4096;
    private readonly ConcurrentDictionary<(string Tenant, string Link), UpstreamHttp> _clients = new();
    private readonly ConcurrentDictionary<(string Tenant, string Link), ServerSnapshot> _found = new();

    private ISessionPipes Pipes => bus?.Pipes ?? throw new FunctionFaultException(FaultCode.BusUnavailable, "a gateway without a bus has no sandboxes");

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var client in _clients.Values)
        {
            client.Dispose();
        }
    }

    /// <summary>Connects and shakes hands.</summary>
    /// <param name="address">Whose connection it is.</param>
    /// <param name="version">The server.</param>
    /// <param name="isWatch">Whether the connection is the one that watches the server's lists: then nothing is taken as known.</param>
    /// <param name="announce">Hears what belongs to no request. It must not block.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="FunctionFaultException">The server cannot be reached, or does not answer as one.</exception>
    internal async Task<ServerConnection> OpenAsync(ServerAddress address, FunctionVersion version, bool isWatch, Action<ServerConnection, ServerNote> announce, CancellationToken cancellationToken)
    {
        if (version.Manifest is { Remote: null, Port: null })
        {
            var stream = await Pipes.OpenAsync(address.Pipe, cancellationToken);
            var shaken = await ShakeAsync(ServerConnection.Start(new LineTransport(stream), announce), HandshakePlan.Pipe, cancellationToken);
            return shaken.Connection ?? throw new FunctionFaultException(shaken.Failure!.Fault);
        }

        return version.Manifest.Remote is { } remote
            ? await OpenRemoteAsync(address, (version, remote), isWatch, announce, cancellationToken)
            : await OpenPortAsync(address, version, announce, cancellationToken);
    }

    private async Task<ServerConnection> OpenPortAsync(ServerAddress address, FunctionVersion version, Action<ServerConnection, ServerNote> announce, CancellationToken cancellationToken)
    {
        var http = new UpstreamHttp(
            new UpstreamTarget
            {
                Name = address.Function,
                Url = new Uri($"http://127.0.0.1:{version.Manifest.Port}/mcp"),
                Headers = () => [],
                Secret = _ => "",
                Connect = (_, token) => Pipes.OpenAsync(address.Port, token),
            },
            time);
        var connection = ServerConnection.Start(new StreamableHttpTransport(http, time) { OwnsHttp = true }, announce);
        var shaken = await ShakeAsync(connection, new HandshakePlan { ModernFirst = true, HearsLists = true, Known = version.Server }, cancellationToken);
        return shaken.Connection ?? throw new FunctionFaultException(shaken.Failure!.Fault);
    }

    private async Task<ServerConnection> OpenRemoteAsync(ServerAddress address, (FunctionVersion Version, RemoteServer Remote) server, bool isWatch, Action<ServerConnection, ServerNote> announce, CancellationToken cancellationToken)
    {
        var link = KeyOf(server.Version);
        var http = _clients.GetOrAdd(link, _ => Client(address, server.Remote));
        var known = isWatch ? null : _found.GetValueOrDefault(link) ?? server.Version.Server;
        var plan = new HandshakePlan { ModernFirst = true, Known = known, HearsLists = isWatch };
        var transport = server.Remote.Transport != RemoteTransport.Auto ? server.Remote.Transport : known?.Transport ?? RemoteTransport.Auto;
        UpstreamFailure? failure = null;
        if (transport != RemoteTransport.Sse)
        {
            var shaken = await ShakeAsync(ServerConnection.Start(new StreamableHttpTransport(http, time), announce), plan, cancellationToken);
            if (shaken.Connection is { } connection)
            {
                return Remember(link, connection, RemoteTransport.StreamableHttp);
            }

            failure = shaken.Failure;
        }

        if (transport != RemoteTransport.StreamableHttp && failure is null or { Status: 400 or 404 or 405 or 406 or 415 })
        {
            var shaken = await ShakeAsync(ServerConnection.Start(new SseTransport(http), announce), plan with { ModernFirst = false, Known = null }, cancellationToken);
            return shaken.Connection is { } connection
                ? Remember(link, connection, RemoteTransport.Sse)
                : throw new FunctionFaultException((failure ?? shaken.Failure!).Fault);
        }

        throw new FunctionFaultException(failure!.Fault);
    }

    /// <summary>Greets; the connection, or why there is none.</summary>
    private async Task<(ServerConnection? Connection, UpstreamFailure? Failure)> ShakeAsync(ServerConnection connection, HandshakePlan plan, CancellationToken cancellationToken)
    {
        UpstreamFailure? failure;
        try
        {
            failure = await ServerHandshake.ShakeAsync(connection, plan, time, cancellationToken);
        }
        catch (Exception error) when (error is IOException or FunctionFaultException or JsonException)
        {
            failure = new UpstreamFailure((error as FunctionFaultException)?.Fault ?? new FunctionFault(FaultCode.UpstreamFailed, $"the MCP server cannot be spoken to: {error.Message}"));
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }

        if (failure is null)
        {
            connection.LastUsed = time.GetTimestamp();
            return (connection, null);
        }

        await connection.DisposeAsync();
        return (null, failure);
    }

    private ServerConnection Remember((string Tenant, string Link) link, ServerConnection connection, RemoteTransport transport)
    {
        if (_found.Count >= MaximumKept)
        {
            _found.Clear();
        }

        var capabilities = connection.Capabilities.IsEmpty ? default : JsonElement.Parse(connection.Capabilities.Span);
        _found[link] = new ServerSnapshot { Revision = connection.Revision, Transport = transport, Capabilities = capabilities };
        return connection;
    }

    /// <summary>How a remote server was last reached, or null.</summary>
    public ServerSnapshot? FoundOf(FunctionVersion version) => _found.GetValueOrDefault(KeyOf(version));

    /// <summary>What is alike for two tenants is apart all the same: their secrets differ.</summary>
    private static (string Tenant, string Link) KeyOf(FunctionVersion version) => (version.Tenant, ServerAddress.LinkOf(version));

    private UpstreamHttp Client(ServerAddress address, RemoteServer remote)
    {
        string Secret(string name) => secrets.Resolve(address.Tenant, [name]).Values[name];
        return new UpstreamHttp(
            new UpstreamTarget
            {
                Name = address.Function,
                Url = new Uri(remote.Url),
                Headers = () => SecretHeaders.Resolve(remote.Headers, Secret),
                Authorization = remote.Authorization,
                Secret = Secret,
                Keep = (name, value) => secrets.Set(address.Tenant, name, value),
                Connect = (endpoint, token) => UpstreamAddresses.ConnectAsync(endpoint, remote.AllowHosts, token),
            },
            time);
    }
}
