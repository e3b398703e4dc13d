using System.Collections.Concurrent;
using System.Security.Cryptography;

using ToolRuntime.Bus.Sessions;

namespace ToolRuntime.Bus.Streams;

/// <summary>
/// Makes and ends streams. A stream is made in two steps, because two creators may choose different classes and no publish spans two: an unborn
/// message, a look at the other classes, and the message that gives birth. Whoever sees another's unborn message steps back; one that its
/// creator left behind is removed, and with it his claim.
/// </summary>
internal sealed class StreamLives(StreamStore store, StreamOptions options, TimeProvider time)
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _countAge = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _lowCountAge = TimeSpan.FromMinutes(5);
    private readonly ConcurrentDictionary<string, (DateTimeOffset At, long Count)> _counts = new(StringComparer.Ordinal);

    /// <summary>The living stream, or the deleted one that has forks; null where there is none.</summary>
    /// <param name="key">The stream.</param>
    /// <param name="hint">Where it was last seen, or null: a living one there is the only one, and the other classes need not be asked.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    public async ValueTask<StoredState?> FindStandingAsync(StreamKey key, TopicPlace? hint, CancellationToken cancellationToken)
    {
        if (hint is not null && await store.LastAsync(hint, cancellationToken) is { } there && there.State.IsAlive(store.Now))
        {
            return there;
        }

        if (await store.FindAsync(key, cancellationToken) is not { } found || found.State.IsUnborn)
        {
            return null;
        }

        if (found.State.IsAlive(store.Now))
        {
            return found;
        }

        if (found.State is { IsDeleted: false } && (found.State.Forks > 0 || found.State.Fork is not null))
        {
            // Its time is over. Whom it forked from must not wait for it, and whoever forked from it must find it deleted.
            return await RetireAsync(found, cancellationToken) is { State.Forks: > 0 } kept ? kept : null;
        }

        return found.State is { IsDeleted: true, Forks: > 0 } ? found : null;
    }

    /// <summary>Makes a stream, or finds it as it is asked for.</summary>
    public async ValueTask<CreateResult> CreateAsync(StreamKey key, StreamRequest request, CancellationToken cancellationToken)
    {
        while (true)
        {
            var standing = await FindStandingAsync(key, null, cancellationToken);
            if (standing is not null)
            {
                return standing.State.IsDeleted ? new CreateResult(CreateOutcome.HasForks, standing)
                    : new CreateResult(StreamRules.IsSame(standing.State, request) ? CreateOutcome.Exists : CreateOutcome.Conflict, standing);
            }

            if (!await HasRoomAsync(key.Tenant, cancellationToken))
            {
                return new CreateResult(CreateOutcome.TooMany, null);
            }

            if (await TryClaimAsync(key, request, cancellationToken) is { } claim)
            {
                var born = await BearAsync(key, claim, request, cancellationToken);
                if (born is not null)
                {
                    return born;
                }
            }

            await Task.Delay(TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32(2, 20)), time, cancellationToken);
        }
    }

    /// <summary>Deletes a stream.</summary>
    public async ValueTask<DeleteOutcome> DeleteAsync(StreamKey key, CancellationToken cancellationToken)
    {
        if (await FindStandingAsync(key, null, cancellationToken) is not { } standing)
        {
            return DeleteOutcome.NotFound;
        }

        if (standing.State.IsDeleted)
        {
            return DeleteOutcome.Gone;
        }

        if (await RetireAsync(standing, cancellationToken) is { State.Forks: 0 } deleted)
        {
            await store.PurgeAsync(deleted, cancellationToken);
        }

        return DeleteOutcome.Deleted;
    }

    /// <summary>Stores the unborn message; null where another is at work.</summary>
    private async ValueTask<StoredState?> TryClaimAsync(StreamKey key, StreamRequest request, CancellationToken cancellationToken)
    {
        var place = store.PlaceOf(key, request);
        var others = await store.FindAllAsync(key, cancellationToken);
        if (others.Any(o => o.State.IsUnborn && IsYoung(o)))
        {
            return null;
        }

        var state = new StreamState
        {
            Path = key.Path,
            ContentType = request.ContentType,
            TtlSeconds = request.TtlSeconds,
            ExpiresAt = request.ExpiresAt,
            UsedAt = store.Now.ToUnixTimeMilliseconds(),
            Position = request.Fork?.Position ?? 0,
            Fork = request.Fork,
            IsUnborn = true,
        };
        var claim = await store.TryPublishAsync(place, others.FirstOrDefault(o => o.Place == place)?.Sequence ?? 0, state, default, cancellationToken);
        if (claim is null)
        {
            return null;
        }

        foreach (var other in (await store.FindAllAsync(key, cancellationToken)).Where(o => o.Place != place))
        {
            if (other.State.IsUnborn ? IsYoung(other) : other.State.IsAlive(store.Now) || other.State.Forks > 0)
            {
                await store.PurgeAsync(claim, cancellationToken);
                return null;
            }

            await store.PurgeAsync(other, cancellationToken);
        }

        return claim;
    }

    /// <summary>Gives birth to what was claimed; null where the claim was lost.</summary>
    private async ValueTask<CreateResult?> BearAsync(StreamKey key, StoredState claim, StreamRequest request, CancellationToken cancellationToken)
    {
        if (request.Fork is { } fork && !await TryCountForkAsync(key with { Path = fork.Path }, 1, cancellationToken))
        {
            await store.PurgeAsync(claim, cancellationToken);
            return new CreateResult(CreateOutcome.NoSource, null);
        }

        StoredState? last = claim;
        if (!request.ForkPart.IsEmpty)
        {
            last = await store.TryPublishAsync(claim.Place, claim.Sequence, StreamRules.Next(claim, ChunkKind.Inline, request.ForkPart.Length, store.Now), request.ForkPart, cancellationToken);
        }

        if (last is not null)
        {
            var append = new AppendRequest { Data = request.Data, Closes = request.IsClosed };
            last = await store.TryPublishAsync(claim.Place, last.Sequence, StreamRules.After(last, append, store.Now) with { IsUnborn = false }, request.Data, cancellationToken);
        }

        if (last is null && request.Fork is { } lost)
        {
            await TryCountForkAsync(key with { Path = lost.Path }, -1, cancellationToken);
        }

        return last is null ? null : new CreateResult(CreateOutcome.Created, last);
    }

    /// <summary>Marks a stream as deleted, so that no append can follow; gives what stands then. What it was forked from loses a fork, unless this one has some itself.</summary>
    private async ValueTask<StoredState?> RetireAsync(StoredState standing, CancellationToken cancellationToken)
    {
        StoredState? retired = null;
        for (var last = standing; retired is null; last = await store.LastAsync(standing.Place, cancellationToken))
        {
            if (last is null || last.State.IsDeleted || last.State.IsUnborn)
            {
                return last;
            }

            retired = await store.TryPublishAsync(last.Place, last.Sequence, StreamRules.Next(last, ChunkKind.None, 0, store.Now) with { IsDeleted = true }, default, cancellationToken);
        }

        // One that stands for its own forks still reads its source.
        if (retired.State is { Fork: { } fork, Forks: 0 })
        {
            await TryCountForkAsync(new StreamKey(standing.Place.Tenant, fork.Path), -1, cancellationToken);
        }

        return retired;
    }

    /// <summary>Counts a fork of a stream in or out; a deleted one that loses its last is purged, and so are those before it. False where there is no stream to fork.</summary>
    private async ValueTask<bool> TryCountForkAsync(StreamKey source, int more, CancellationToken cancellationToken)
    {
        while (true)
        {
            var last = await store.FindAsync(source, cancellationToken);
            if (last is null || last.State.IsUnborn || (more > 0 && !last.State.IsAlive(store.Now)))
            {
                return false;
            }

            var next = StreamRules.Next(last, ChunkKind.None, 0, store.Now) with { Forks = Math.Max(0, last.State.Forks + more), UsedAt = last.State.UsedAt };
            if (await store.TryPublishAsync(last.Place, last.Sequence, next, default, cancellationToken) is not { } counted)
            {
                continue;
            }

            if (next is not { IsDeleted: true, Forks: 0 })
            {
                return true;
            }

            await store.PurgeAsync(counted, cancellationToken);
            if (next.Fork is not { } before)
            {
                return true;
            }

            source = source with { Path = before.Path };
        }
    }

    private async ValueTask<bool> HasRoomAsync(string tenant, CancellationToken cancellationToken)
    {
        var now = store.Now;
        if (!_counts.TryGetValue(tenant, out var known) || now - known.At > (known.Count < options.MostStreamsOfTenant / 2 ? _lowCountAge : _countAge))
        {
            known = (now, await store.CountAsync(tenant, cancellationToken));
        }

        _counts[tenant] = (known.At, known.Count + 1);
        return known.Count < options.MostStreamsOfTenant;
    }

    private bool IsYoung(StoredState unborn) => store.Now.ToUnixTimeMilliseconds() - unborn.State.UsedAt < _patience.TotalMilliseconds;
}
