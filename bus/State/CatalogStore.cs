using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text.Json;

using ToolRuntime.Bus.Nats;
using ToolRuntime.Bus.Nats.KeyValue;
using ToolRuntime.Functions;

namespace ToolRuntime.Bus.State;

/// <summary>Deployed functions: key-value bucket CATALOG. Versions are immutable; a record is swapped whole by compare-and-set.</summary>
public sealed class CatalogStore
{
    private const int CachedVersions = 4096;
    private readonly NatsKVStore _store;
    private readonly ConcurrentDictionary<string, FunctionVersion> _versions = new(StringComparer.Ordinal);

    internal CatalogStore(NatsKVStore store) => _store = store;

    /// <summary>Stores a version. The same again is no error, and makes it young for whoever collects old ones.</summary>
    public async ValueTask PutVersionAsync(FunctionVersion version, CancellationToken cancellationToken)
    {
        var key = VersionKey(version.Tenant, version.Digest);
        await _store.PutAsync(key, JsonSerializer.SerializeToUtf8Bytes(version, FunctionsJson.Default.FunctionVersion), cancellationToken);
        Cache(key, version);
    }

    /// <summary>One version (cached in memory), or null.</summary>
    public ValueTask<FunctionVersion?> GetVersionAsync(string tenant, string digest, CancellationToken cancellationToken)
    {
        var key = VersionKey(tenant, digest);
        return _versions.TryGetValue(key, out var version) ? new ValueTask<FunctionVersion?>(version) : LoadVersionAsync(key, cancellationToken);
    }

    /// <summary>One record and its revision, or null.</summary>
    public async ValueTask<(FunctionRecord Record, ulong Revision)?> GetRecordAsync(string tenant, string name, CancellationToken cancellationToken)
    {
        var entry = await _store.TryGetEntryAsync(RecordKey(tenant, name), cancellationToken);
        return entry is { Operation: NatsKVOperation.Put } found ? (RecordOf(found), found.Revision) : null;
    }

    /// <summary>Swaps a record. <paramref name="revision"/> 0 expects none. False when somebody else was first.</summary>
    public async ValueTask<bool> TrySwapRecordAsync(FunctionRecord record, ulong revision, CancellationToken cancellationToken)
    {
        var key = RecordKey(record.Tenant, record.Name);
        if (revision == 0 && await _store.TryGetEntryAsync(key, cancellationToken) is { Operation: NatsKVOperation.Del } removed)
        {
            // A removed key has a marker, and the new record is built upon it.
            revision = removed.Revision;
        }

        var json = JsonSerializer.SerializeToUtf8Bytes(record, FunctionsJson.Default.FunctionRecord);
        return await _store.TryUpdateAsync(key, json, revision, cancellationToken) is not null;
    }

    /// <summary>Removes a record that is still at <paramref name="revision"/>; false when somebody else was first.</summary>
    public ValueTask<bool> TryRemoveRecordAsync(FunctionRecord record, ulong revision, CancellationToken cancellationToken) =>
        _store.TryDeleteAsync(RecordKey(record.Tenant, record.Name), revision, cancellationToken);

    /// <summary>Removes a version that no record names any more; false when it was stored again since <paramref name="revision"/>.</summary>
    public async ValueTask<bool> TryRemoveVersionAsync(FunctionVersion version, ulong revision, CancellationToken cancellationToken)
    {
        var key = VersionKey(version.Tenant, version.Digest);
        var removed = await _store.TryDeleteAsync(key, revision, cancellationToken);
        if (removed)
        {
            _versions.TryRemove(key, out _);
        }

        return removed;
    }

    /// <summary>Reads everything, past the cache.</summary>
    public async ValueTask<CatalogContent> ReadAllAsync(CancellationToken cancellationToken)
    {
        var (records, versions) = (new List<(FunctionRecord, ulong)>(), new List<(FunctionVersion, ulong)>());
        await foreach (var entry in _store.Watch(">").ReadAsync(cancellationToken))
        {
            if (entry is not { } found)
            {
                break;
            }

            switch (found.Key.Split('.')[1])
            {
                case var _ when found.Operation != NatsKVOperation.Put:
                    break;
                case "f":
                    records.Add((RecordOf(found), found.Revision));
                    break;
                case "v":
                    versions.Add((VersionOf(found), found.Revision));
                    break;
            }
        }

        return new CatalogContent(records, versions);
    }

    /// <summary>All records that stand, then one marker with <see cref="CatalogChange.IsCurrent"/>, then every change. Survives reconnects.</summary>
    /// <remarks>Versions are read along the way: a hundred thousand that are asked for one by one take twice as long.</remarks>
    public async IAsyncEnumerable<CatalogChange> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var passed = new PassedVersions();
        await foreach (var entry in _store.Watch(">").ReadAsync(cancellationToken))
        {
            if (entry is not { } change)
            {
                yield return new CatalogChange("", "", null, IsCurrent: true);
            }
            else if (change.Key.Split('.') is [var tenant, "f", var name])
            {
                yield return ChangeOf(change, tenant, name, passed);
            }
            else
            {
                passed.Add(change);
            }
        }
    }

    /// <summary>The key of a version; the tenant comes first.</summary>
    internal static string VersionKey(string tenant, string digest) => $"{NatsSubject.Token(tenant)}.v.{NatsSubject.Token(digest)}";

    /// <summary>The key of a record; the tenant comes first.</summary>
    internal static string RecordKey(string tenant, string name) => $"{NatsSubject.Token(tenant)}.f.{NatsSubject.Token(name)}";

    private static CatalogChange ChangeOf(NatsKVEntry entry, string tenant, string name, PassedVersions passed)
    {
        var record = entry.Operation == NatsKVOperation.Put ? RecordOf(entry) : null;
        var version = record is { Active: [var active, ..] } ? passed.Take(VersionKey(tenant, active.Digest)) : null;
        return new CatalogChange(tenant, name, record) { Version = version is { } found ? VersionOf(found) : null };
    }

    private static FunctionRecord RecordOf(NatsKVEntry entry) =>
        JsonSerializer.Deserialize(entry.Value.Span, FunctionsJson.Default.FunctionRecord) ?? throw new InvalidDataException($"catalog: {entry.Key} is null");

    private static FunctionVersion VersionOf(NatsKVEntry entry) =>
        JsonSerializer.Deserialize(entry.Value.Span, FunctionsJson.Default.FunctionVersion) ?? throw new InvalidDataException($"catalog: {entry.Key} is null");

    private async ValueTask<FunctionVersion?> LoadVersionAsync(string key, CancellationToken cancellationToken)
    {
        if (await _store.TryGetEntryAsync(key, cancellationToken) is not { Operation: NatsKVOperation.Put } entry)
        {
            return null;
        }

        var version = VersionOf(entry);
        Cache(key, version);
        return version;
    }

    private void Cache(string key, FunctionVersion version)
    {
        if (_versions.Count >= CachedVersions)
        {
            _versions.Clear();
        }

        _versions[key] = version;
    }
}
