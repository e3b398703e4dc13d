using ToolRuntime.Functions;
using ToolRuntime.Gateway.Catalog;

namespace ToolRuntime.Gateway.Federation;

/// <summary>Subscriptions of clients without sessions to resources of MCP servers, each for as long as its stream.</summary>
public sealed class ResourceSubscriptions(ServerLists lists, ServerConnections connections, TimeProvider time)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    /// <summary>Subscribes to those resources that a server has and lets subscribe to, and names each that succeeded.</summary>
    /// <returns>Ends them.</returns>
    public async Task<IAsyncDisposable> OpenAsync(Caller caller, string? session, ToolScope scope, (IEnumerable<string> Uris, Action<string> Taken) wanted, CancellationToken cancellationToken)
    {
        var held = new Held(time);
        try
        {
            foreach (var uri in wanted.Uris)
            {
                if (await TryAsync(caller, session, scope, uri, cancellationToken) is { } connection)
                {
                    held.Add(connection, uri);
                    wanted.Taken(uri);
                }
            }

            return held;
        }
        catch
        {
            await held.DisposeAsync();
            throw;
        }
    }

    private async Task<ServerConnection?> TryAsync(Caller caller, string? session, ToolScope scope, string uri, CancellationToken cancellationToken)
    {
        try
        {
            if (await lists.FindAsync(caller, session, scope, (ServerListKind.Resources, uri), cancellationToken) is not { } found)
            {
                return null;
            }

            var connection = await connections.GetAsync(ServerAddress.For(caller, session, found.Version), found.Version, cancellationToken);
            await connection.Resources.AddAsync(uri, cancellationToken);
            return connection;
        }
        catch (FunctionFaultException)
        {
            // The acknowledgement names what is honoured: this one is not.
            return null;
        }
    }

    private sealed class Held(TimeProvider time) : IAsyncDisposable
    {
        private readonly List<(ServerConnection Connection, string Uri)> _held = [];

        public void Add(ServerConnection connection, string uri) => _held.Add((connection, uri));

        public async ValueTask DisposeAsync()
        {
            using var patience = new CancellationTokenSource(s_patience, time);
            foreach (var (connection, uri) in _held)
            {
                try
                {
                    await connection.Resources.RemoveAsync(uri, patience.Token);
                }
                catch (Exception error) when (error is FunctionFaultException or OperationCanceledException or IOException or ObjectDisposedException)
                {
                    // The server is gone, and the subscription with it.
                    continue;
                }
            }
        }
    }
}
