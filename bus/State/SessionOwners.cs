using System.Text.Json;

using ToolRuntime.Bus.Nats;
using ToolRuntime.Bus.Nats.KeyValue;

namespace ToolRuntime.Bus.State;

/// <summary>Session owners: bucket OWNERS, compare-and-set.</summary>
public sealed class SessionOwners
{
    private readonly NatsKVStore _store;
    private readonly TimeProvider _time;

    internal SessionOwners(NatsKVStore store, TimeProvider time)
    {
        _store = store;
        _time = time;
    }

    /// <summary>The present owner, or null.</summary>
    public async ValueTask<SessionOwner?> GetAsync(string tenant, string session, CancellationToken cancellationToken)
    {
        var entry = await _store.TryGetEntryAsync(KeyOf(tenant, session), cancellationToken);
        return entry is { } found && OwnerOf(found) is { } owner && owner.Expires > _time.GetUtcNow() ? owner : null;
    }

    /// <summary>The versions that live sessions use, as tenant and digest.</summary>
    public async ValueTask<IReadOnlySet<(string Tenant, string Digest)>> VersionsInUseAsync(CancellationToken cancellationToken)
    {
        var used = new HashSet<(string, string)>();
        await foreach (var entry in _store.Watch(">").ReadAsync(cancellationToken))
        {
            if (entry is not { } found)
            {
                break;
            }

            if (OwnerOf(found) is { } owner && owner.Expires > _time.GetUtcNow())
            {
                used.UnionWith(owner.Versions.Values.Select(digest => (found.Key.Split('.')[0], digest)));
            }
        }

        return used;
    }

    /// <summary>Takes or keeps the session for the runtime of <paramref name="claim"/>; null when another owns it.</summary>
    public async ValueTask<SessionOwner?> TryTakeAsync(string tenant, string session, OwnerClaim claim, CancellationToken cancellationToken)
    {
        var key = KeyOf(tenant, session);
        while (true)
        {
            var entry = await _store.TryGetEntryAsync(key, cancellationToken);
            if (Next(entry is { } found ? OwnerOf(found) : null, claim, _time.GetUtcNow()) is not { } next)
            {
                return null;
            }

            var json = JsonSerializer.SerializeToUtf8Bytes(next, OwnersJson.Default.SessionOwner);
            if (await _store.TryUpdateAsync(key, json, entry?.Revision ?? 0, cancellationToken) is not null)
            {
                return next;
            }
        }
    }

    /// <summary>Gives the session up, where it is still ours. The epoch is kept, so that it goes on growing.</summary>
    public async ValueTask ReleaseAsync(string tenant, string session, string runtime, CancellationToken cancellationToken)
    {
        var key = KeyOf(tenant, session);
        if (await _store.TryGetEntryAsync(key, cancellationToken) is { } entry && OwnerOf(entry) is { } owner && owner.Runtime == runtime)
        {
            var released = JsonSerializer.SerializeToUtf8Bytes(owner with { Expires = DateTimeOffset.UnixEpoch }, OwnersJson.Default.SessionOwner);
            await _store.TryUpdateAsync(key, released, entry.Revision, cancellationToken);
        }
    }

    /// <summary>Who owns the session after <paramref name="claim"/> was made; null when another does and its time is not over.</summary>
    internal static SessionOwner? Next(SessionOwner? present, OwnerClaim claim, DateTimeOffset now)
    {
        var isOver = present is null || present.Expires <= now;
        if (!isOver && present!.Runtime != claim.Runtime)
        {
            return null;
        }

        var epoch = isOver ? (present?.Epoch ?? 0) + 1 : present!.Epoch;
        return new SessionOwner(claim.Runtime, epoch, now + claim.Lifetime, claim.Address) { Versions = claim.Versions() };
    }

    /// <summary>The key of a session; the tenant comes first.</summary>
    internal static string KeyOf(string tenant, string session) => $"{NatsSubject.Token(tenant)}.{NatsSubject.Token(session)}";

    private static SessionOwner? OwnerOf(NatsKVEntry entry) =>
        entry.Operation == NatsKVOperation.Put ? JsonSerializer.Deserialize(entry.Value.Span, OwnersJson.Default.SessionOwner) : null;
}
