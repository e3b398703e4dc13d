using System.Text.Json;

using ToolRuntime.Bus.Nats;
using ToolRuntime.Bus.Nats.KeyValue;

namespace ToolRuntime.Bus.Jobs;

/// <summary>Records of jobs: bucket JOBS, key <c>{tenant}.{job}</c>. A record goes by itself <see cref="RecordAge"/> after it was last written.</summary>
public sealed class JobStore
{
    /// <summary>How long a record stands: the longest delay, the longest call, and a day in which its result is kept.</summary>
    public static readonly TimeSpan RecordAge = DelayedCalls.LongestDelay + TimeSpan.FromDays(2);

    private readonly NatsKVStore _store;

    internal JobStore(NatsKVStore store) => _store = store;

    /// <summary>Keeps the record of a new job; returns once it is stored.</summary>
    public async ValueTask AddAsync(JobRecord record, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(record);
        await _store.PutAsync(KeyOf(record.Tenant, record.Id), Json(record), cancellationToken);
    }

    /// <summary>A tenant's job, or null.</summary>
    public async ValueTask<JobRecord?> FindAsync(string tenant, string id, CancellationToken cancellationToken) =>
        await _store.TryGetEntryAsync(KeyOf(tenant, id), cancellationToken) is { Operation: NatsKVOperation.Put } entry ? Read(entry) : null;

    /// <summary>Changes a record by compare-and-set; null where there is none.</summary>
    public async ValueTask<JobRecord?> UpdateAsync(string tenant, string id, Func<JobRecord, JobRecord> change, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(change);
        while (await _store.TryGetEntryAsync(KeyOf(tenant, id), cancellationToken) is { Operation: NatsKVOperation.Put } entry)
        {
            var next = change(Read(entry));
            if (await _store.TryUpdateAsync(KeyOf(tenant, id), Json(next), entry.Revision, cancellationToken) is not null)
            {
                return next;
            }
        }

        return null;
    }

    /// <summary>A tenant's jobs, the newest first, at most <paramref name="limit"/>.</summary>
    public async ValueTask<IReadOnlyList<JobRecord>> ListAsync(string tenant, int limit, CancellationToken cancellationToken)
    {
        var newest = new PriorityQueue<JobRecord, DateTimeOffset>();
        await foreach (var found in _store.ReadStandingAsync($"{NatsSubject.Token(tenant)}.*", cancellationToken))
        {
            if (found.Operation == NatsKVOperation.Put && Read(found) is var record)
            {
                newest.Enqueue(record, record.AcceptedAt);
                if (newest.Count > limit)
                {
                    newest.Dequeue();
                }
            }
        }

        return [.. newest.UnorderedItems.Select(i => i.Element).OrderByDescending(r => r.AcceptedAt)];
    }

    private static string KeyOf(string tenant, string id) => $"{NatsSubject.Token(tenant)}.{NatsSubject.Token(id)}";

    private static byte[] Json(JobRecord record) => JsonSerializer.SerializeToUtf8Bytes(record, JobsJson.Default.JobRecord);

    private static JobRecord Read(NatsKVEntry entry) => JsonSerializer.Deserialize(entry.Value.Span, JobsJson.Default.JobRecord)!;
}
