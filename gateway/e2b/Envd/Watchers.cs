using System.Collections.Concurrent;
using System.Threading.Channels;

using ToolRuntime.E2b.Client;
using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.E2b.Envd;

/// <summary>Watches whose events are fetched in turns (Python's SDK). Each keeps at most <see cref="MostKept"/> events; the oldest go first.</summary>
public sealed class Watchers(SandboxClient client) : IAsyncDisposable
{
    /// <summary>Events that one keeps.</summary>
    public const int MostKept = 10_000;

    private const int MostOfASandbox = 64;
    private readonly ConcurrentDictionary<(string Sandbox, string Id), Watcher> _watchers = new();

    /// <summary>Begins a watch; its id.</summary>
    internal async ValueTask<string> CreateAsync(SandboxRecord sandbox, AgentRequest request, CancellationToken cancellationToken)
    {
        if (_watchers.Keys.Count(k => k.Sandbox == sandbox.Id) >= MostOfASandbox)
        {
            throw new ConnectException(ConnectError.ResourceExhausted, $"{MostOfASandbox} watchers stand already: remove some");
        }

        var (stream, _) = await client.OpenAsync(sandbox, request, cancellationToken);
        var id = Ids.New();
        var watcher = new Watcher(stream);
        _watchers[(sandbox.Id, id)] = watcher;
        _ = RunAsync((sandbox.Id, id), watcher);
        return id;
    }

    /// <summary>What has happened since the last time, or null where there is no such watch.</summary>
    internal IReadOnlyList<AgentFileEvent>? Take(SandboxRecord sandbox, string id)
    {
        if (!_watchers.TryGetValue((sandbox.Id, id), out var watcher))
        {
            return null;
        }

        var events = new List<AgentFileEvent>();
        while (watcher.Events.Reader.TryRead(out var happened))
        {
            events.Add(happened);
        }

        return events;
    }

    /// <summary>Ends a watch; false where there is none.</summary>
    internal async ValueTask<bool> RemoveAsync(SandboxRecord sandbox, string id)
    {
        if (!_watchers.TryRemove((sandbox.Id, id), out var watcher))
        {
            return false;
        }

        await watcher.Stream.DisposeAsync();
        return true;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var watcher in _watchers.Values)
        {
            await watcher.Stream.DisposeAsync();
        }
    }

    private async Task RunAsync((string Sandbox, string Id) key, Watcher watcher)
    {
        try
        {
            while (await AgentExchange.ReadEventAsync(watcher.Stream, CancellationToken.None) is { } happened)
            {
                if (happened.Type != AgentFileEventType.Overflow)
                {
                    await watcher.Events.Writer.WriteAsync(happened);
                }
            }
        }
        catch (Exception error) when (error is IOException or InvalidDataException or ObjectDisposedException)
        {
            // It was removed, or its sandbox ended.
            await watcher.Stream.DisposeAsync();
        }

        _watchers.TryRemove(key, out _);
    }

    private sealed record Watcher(Stream Stream)
    {
        public Channel<AgentFileEvent> Events { get; } = Channel.CreateBounded<AgentFileEvent>(new BoundedChannelOptions(MostKept) { FullMode = BoundedChannelFullMode.DropOldest });
    }
}
