using System.Collections.Concurrent;

using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

using ToolRuntime.Bus.State;

namespace ToolRuntime.Gateway.Catalog;

/// <summary>Documents of one kind of all tenants, kept in step with the bus: toolsets, agents. A gateway without a bus has none.</summary>
/// <typeparam name="T">What is kept.</typeparam>
public sealed partial class NamedDocuments<T>(TimeProvider time, ILogger<NamedDocuments<T>> log, NamedStore<T>? store = null) : BackgroundService
    where T : class
{
    private static readonly TimeSpan s_retryDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_visibleWithin = TimeSpan.FromSeconds(10);
    private readonly ConcurrentDictionary<(string Tenant, string Name), T> _documents = new();
    private readonly ConcurrentDictionary<Subscription, bool> _subscriptions = new();

    private NamedStore<T> Store => store ?? throw new InvalidOperationException("a gateway without a bus keeps nothing");

    /// <summary>One document, or null.</summary>
    public T? Find(string tenant, string name) => _documents.GetValueOrDefault((tenant, name));

    /// <summary>A tenant's documents, in order of their names.</summary>
    public IReadOnlyList<T> Of(string tenant) =>
        [.. _documents.Where(d => d.Key.Tenant == tenant).OrderBy(d => d.Key.Name, StringComparer.Ordinal).Select(d => d.Value)];

    /// <summary>Calls <paramref name="changed"/> with the tenant after each change until disposed. It must not block.</summary>
    public IDisposable Subscribe(Action<string> changed)
    {
        var subscription = new Subscription(this, changed);
        _subscriptions[subscription] = true;
        return subscription;
    }

    /// <summary>Keeps a document; returns once this gateway serves it.</summary>
    public async Task PutAsync(string tenant, string name, T document, CancellationToken cancellationToken)
    {
        var before = Find(tenant, name);
        await VisibleAsync(() => Store.PutAsync(tenant, name, document, cancellationToken), () => Find(tenant, name) is { } now && !ReferenceEquals(now, before), cancellationToken);
    }

    /// <summary>Removes a document; false when there is none. Returns once this gateway no longer serves it.</summary>
    public async Task<bool> RemoveAsync(string tenant, string name, CancellationToken cancellationToken)
    {
        if (Find(tenant, name) is null)
        {
            return false;
        }

        await VisibleAsync(async () => await Store.RemoveAsync(tenant, name, cancellationToken), () => Find(tenant, name) is null, cancellationToken);
        return true;
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (store is not null && !stoppingToken.IsCancellationRequested)
        {
            try
            {
                await foreach (var (tenant, name, document) in store.WatchAsync(stoppingToken))
                {
                    Apply(tenant, name, document);
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                // The rim of the loop: whatever went wrong, the documents must be followed on.
                WatchFailed(log, typeof(T).Name, error);
                await Task.Delay(s_retryDelay, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task VisibleAsync(Func<ValueTask> change, Func<bool> isVisible, CancellationToken cancellationToken)
    {
        var visible = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var subscription = Subscribe(_ => Check());
        await change();
        Check();
        await visible.Task.WaitAsync(s_visibleWithin, time, cancellationToken);

        void Check()
        {
            if (isVisible())
            {
                visible.TrySetResult();
            }
        }
    }

    private void Apply(string tenant, string? name, T? document)
    {
        if (name is null)
        {
            return;
        }

        if (document is null)
        {
            _documents.TryRemove((tenant, name), out _);
        }
        else
        {
            _documents[(tenant, name)] = document;
        }

        foreach (var subscription in _subscriptions.Keys)
        {
            subscription.Changed(tenant);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The watch of {Kind} failed; it is opened again")]
    private static partial void WatchFailed(ILogger log, string kind, Exception error);

    private sealed class Subscription(NamedDocuments<T> owner, Action<string> changed) : IDisposable
    {
        public Action<string> Changed => changed;

        public void Dispose() => owner._subscriptions.TryRemove(this, out _);
    }
}
