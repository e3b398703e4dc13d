using ToolRuntime.Functions;

namespace ToolRuntime.Gateway.Federation;

/// <summary>
/// The resources of one server whose updates are wanted, each by as many as asked: <c>resources/subscribe</c> before 2026-07-28, a
/// <c>subscriptions/listen</c> for each resource since.
/// </summary>
internal sealed class ServerResources(ServerConnection connection) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Dictionary<string, (int Count, long Listen)> _wanted = new(StringComparer.Ordinal);

    /// <summary>Whether any is wanted.</summary>
    public bool Any => _wanted.Count > 0;

    /// <summary>Wants updates of a resource.</summary>
    /// <exception cref="FunctionFaultException">The server refuses or is gone.</exception>
    public async Task AddAsync(string uri, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (_wanted.TryGetValue(uri, out var present))
            {
                _wanted[uri] = present with { Count = present.Count + 1 };
                return;
            }

            _wanted[uri] = (1, await SubscribeAsync(uri, cancellationToken));
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Wants them no more.</summary>
    /// <exception cref="FunctionFaultException">The server refuses or is gone.</exception>
    public async Task RemoveAsync(string uri, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (!_wanted.TryGetValue(uri, out var present))
            {
                return;
            }

            if (present.Count > 1)
            {
                _wanted[uri] = present with { Count = present.Count - 1 };
                return;
            }

            _wanted.Remove(uri);
            if (connection.IsModern)
            {
                await connection.CancelAsync(present.Listen, cancellationToken);
            }
            else
            {
                await connection.AskAsync("resources/unsubscribe", ServerMessages.Uri(uri), cancellationToken);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Wants again what was wanted, of a server that has forgotten it.</summary>
    /// <exception cref="FunctionFaultException">The server refuses or is gone.</exception>
    public async Task RenewAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            foreach (var (uri, present) in _wanted.ToList())
            {
                _wanted[uri] = present with { Listen = await SubscribeAsync(uri, cancellationToken) };
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private async Task<long> SubscribeAsync(string uri, CancellationToken cancellationToken)
    {
        if (!connection.IsModern)
        {
            await connection.AskAsync("resources/subscribe", ServerMessages.Uri(uri), cancellationToken);
            return 0;
        }

        return await connection.ListenAsync(ServerMessages.ListenToResource(uri), cancellationToken);
    }
}
