using System.Text.Json;

using ToolRuntime.Bus.Nats;
using ToolRuntime.Bus.Nats.KeyValue;

namespace ToolRuntime.Bus.Pipes;

/// <summary>Runtimes that accept pipes: bucket RUNTIMES, whose entries go by themselves unless they are renewed.</summary>
internal sealed class PipeRegistry(NatsKVStore store, TimeProvider time)
{
    /// <summary>Time between renewals; a third of the bucket's age.</summary>
    public static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(20);

    /// <summary>The clock.</summary>
    public TimeProvider Time => time;

    /// <summary>Says that a runtime is here.</summary>
    public async ValueTask PutAsync(string runtime, PipeEndpoint endpoint, CancellationToken cancellationToken) =>
        await store.PutAsync(NatsSubject.Token(runtime), JsonSerializer.SerializeToUtf8Bytes(endpoint, PipesJson.Default.PipeEndpoint), cancellationToken);

    /// <summary>Says that it is gone.</summary>
    public async ValueTask RemoveAsync(string runtime, CancellationToken cancellationToken) =>
        await store.TryDeleteAsync(runtime, revision: null, cancellationToken);

    /// <summary>Where a runtime is reached, or null.</summary>
    public async ValueTask<PipeEndpoint?> FindAsync(string runtime, CancellationToken cancellationToken) =>
        await store.TryGetEntryAsync(NatsSubject.Token(runtime), cancellationToken) is { Operation: NatsKVOperation.Put } entry ? EndpointOf(entry) : null;

    /// <summary>Any runtime, for a session that has none yet; or null.</summary>
    public async ValueTask<PipeEndpoint?> AnyAsync(CancellationToken cancellationToken)
    {
        var all = new List<PipeEndpoint>();
        await foreach (var entry in store.Watch(">").ReadAsync(cancellationToken))
        {
            if (entry is not { } runtime)
            {
                break;
            }

            if (runtime.Operation == NatsKVOperation.Put && EndpointOf(runtime) is { } endpoint)
            {
                all.Add(endpoint);
            }
        }

        return all.Count == 0 ? null : all[Random.Shared.Next(all.Count)];
    }

    private static PipeEndpoint? EndpointOf(NatsKVEntry entry) => JsonSerializer.Deserialize(entry.Value.Span, PipesJson.Default.PipeEndpoint);
}
