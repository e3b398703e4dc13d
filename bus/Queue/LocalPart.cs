using System.Collections.Concurrent;

namespace ToolRuntime.Bus.Queue;

/// <summary>A part that serves in this process: asked directly, under the bound that it serves others with.</summary>
internal sealed class LocalPart : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, LocalPart> _parts;
    private readonly string _name;
    private readonly PartServer _server;
    private readonly PartRequestHandler _handler;
    private readonly SemaphoreSlim _slots;

    public LocalPart(ConcurrentDictionary<string, LocalPart> parts, string name, PartServer server, PartRequestHandler handler, int concurrency)
    {
        _parts = parts;
        _name = name;
        _server = server;
        _handler = handler;
        _slots = new SemaphoreSlim(concurrency);
        parts[name] = this;
    }

    /// <summary>Answers one request; waits for a free slot, at most until the token ends.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> AnswerAsync(ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        await _slots.WaitAsync(cancellationToken);
        try
        {
            return await _handler(request, cancellationToken);
        }
        finally
        {
            _slots.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _parts.TryRemove(new KeyValuePair<string, LocalPart>(_name, this));
        await _server.DisposeAsync();
    }
}
