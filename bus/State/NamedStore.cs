using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

using ToolRuntime.Bus.Nats;
using ToolRuntime.Bus.Nats.KeyValue;

namespace ToolRuntime.Bus.State;

/// <summary>Small documents of one kind that tenants keep by name, in the bucket CATALOG beside the functions.</summary>
/// <typeparam name="T">What is kept.</typeparam>
public sealed class NamedStore<T>
    where T : class
{
    private readonly NatsKVStore _store;
    private readonly string _kind;
    private readonly JsonTypeInfo<T> _type;

    internal NamedStore(NatsKVStore store, string kind, JsonTypeInfo<T> type) => (_store, _kind, _type) = (store, kind, type);

    /// <summary>Keeps a document under a name; the last one to do so wins.</summary>
    public async ValueTask PutAsync(string tenant, string name, T document, CancellationToken cancellationToken) =>
        await _store.PutAsync(Key(tenant, name), JsonSerializer.SerializeToUtf8Bytes(document, _type), cancellationToken);

    /// <summary>Removes a name; false when there is none.</summary>
    public async ValueTask<bool> RemoveAsync(string tenant, string name, CancellationToken cancellationToken) =>
        await _store.TryGetEntryAsync(Key(tenant, name), cancellationToken) is { Operation: NatsKVOperation.Put } entry
        && await _store.TryDeleteAsync(Key(tenant, name), entry.Revision, cancellationToken);

    /// <summary>A document as the server has it now, or null.</summary>
    public async ValueTask<T?> FindAsync(string tenant, string name, CancellationToken cancellationToken) =>
        await _store.TryGetEntryAsync(Key(tenant, name), cancellationToken) is { Operation: NatsKVOperation.Put } entry ? JsonSerializer.Deserialize(entry.Value.Span, _type) : null;

    /// <summary>All documents that stand, then one null name when they are all told, then every change; a removed one comes as null. Survives reconnects.</summary>
    public async IAsyncEnumerable<(string Tenant, string? Name, T? Document)> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var entry in _store.Watch($"*.{_kind}.*").ReadAsync(cancellationToken))
        {
            if (entry is not { } change)
            {
                yield return ("", null, null);
                continue;
            }

            var parts = change.Key.Split('.');
            yield return (parts[0], parts[2], change.Operation == NatsKVOperation.Put ? JsonSerializer.Deserialize(change.Value.Span, _type) : null);
        }
    }

    private string Key(string tenant, string name) => $"{NatsSubject.Token(tenant)}.{_kind}.{NatsSubject.Token(name)}";
}
