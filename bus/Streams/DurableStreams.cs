namespace ToolRuntime.Bus.Streams;

/// <summary>
/// Named streams that anybody may append to and read, kept in the topics' streams of JetStream: one subject each, whose last message is the
/// stream's state. Any process serves any reader and writer; what two of them decide at once is settled by the expected sequence of the publish.
/// </summary>
public sealed class DurableStreams : IDurableStreams, IDisposable
{
    private readonly StreamStore _store;
    private readonly StreamReader _reader;
    private readonly StreamLives _lives;
    private readonly StreamEntries _entries = new();
    private readonly TimeProvider _time;

    internal DurableStreams(StreamStore store, StreamOptions options, TimeProvider time)
    {
        Options = options;
        _time = time;
        _store = store;
        _reader = new StreamReader(_store);
        _lives = new StreamLives(_store, options, time);
    }

    /// <inheritdoc/>
    public StreamOptions Options { get; }

    /// <summary>Makes a stream, or finds it as it is asked for.</summary>
    public ValueTask<CreateResult> CreateAsync(StreamKey key, StreamRequest request, CancellationToken cancellationToken) => _lives.CreateAsync(key, request, cancellationToken);

    /// <summary>Deletes a stream; where it has forks, its chunks stay for them.</summary>
    public ValueTask<DeleteOutcome> DeleteAsync(StreamKey key, CancellationToken cancellationToken) => _lives.DeleteAsync(key, cancellationToken);

    /// <summary>The stream as it stands; one that is deleted but has forks says so. Null where there is none, or its time is over.</summary>
    public async ValueTask<StoredState?> FindAsync(StreamKey key, CancellationToken cancellationToken)
    {
        var entry = _entries.Take(key);
        try
        {
            var found = await _lives.FindStandingAsync(key, entry.Last?.Place, cancellationToken);
            if (found is not null)
            {
                entry.Take(found, isFresh: false);
            }

            return found;
        }
        finally
        {
            _entries.Release(entry);
        }
    }

    /// <summary>Appends, once: what is acknowledged here is stored, and a producer's batch that comes again is not stored again. Goes on trying while the server is away, until the token ends.</summary>
    public async ValueTask<AppendResult> AppendAsync(StreamKey key, AppendRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var entry = _entries.Take(key);
        try
        {
            await entry.Turn.WaitAsync(cancellationToken);
            try
            {
                return await AppendAsync(entry, request, cancellationToken);
            }
            finally
            {
                entry.Turn.Release();
            }
        }
        finally
        {
            _entries.Release(entry);
        }
    }

    /// <inheritdoc/>
    public ValueTask<StreamPage> ReadAsync(StoredState stream, StreamOffset from, CancellationToken cancellationToken) => _reader.ReadAsync(stream, from, Options.PageBytes, cancellationToken);

    /// <summary>Notes that a stream with a time to live is in use; seldom more than ten times in that time.</summary>
    public async ValueTask TouchAsync(StoredState stream, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (stream.State.TtlSeconds is { } ttl && _store.Now.ToUnixTimeMilliseconds() - stream.State.UsedAt >= ttl * 100)
        {
            await _store.TryPublishAsync(stream.Place, stream.Sequence, StreamRules.Next(stream, ChunkKind.None, 0, _store.Now), default, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public IStreamFollower? TryFollow(StreamKey key)
    {
        var entry = _entries.Take(key);
        if (Interlocked.Increment(ref entry.Followers) <= Options.MostReadersOfStream)
        {
            return new StreamFollower(this, entry);
        }

        Leave(entry);
        return null;
    }

    /// <inheritdoc/>
    public void Dispose() => _entries.Dispose();

    /// <summary>What the followers of a stream share, up to date or to be waited for; null where there is no stream.</summary>
    internal async ValueTask<(StoredState? Stream, Task Changed)> WatchAsync(StreamEntry entry, CancellationToken cancellationToken)
    {
        var (last, changed) = entry.Watch();
        if (last?.State.IsAlive(_store.Now) == true)
        {
            return (last, changed);
        }

        if (await _lives.FindStandingAsync(entry.Key, null, cancellationToken) is not { } found)
        {
            entry.Forget();
            return (null, Task.CompletedTask);
        }

        // Once more, after the subscription: what was stored in between would be missed.
        entry.Follow(_store.JetStream.Connection, found.Place);
        if (await _store.LastAsync(found.Place, cancellationToken) is { } fresh)
        {
            entry.Take(fresh, isFresh: true);
        }

        return entry.Watch() is var (seen, next) && seen is not null ? (seen, next) : (found, Task.CompletedTask);
    }

    /// <summary>Chunks after a place: of those that the followers share, else of the store.</summary>
    internal async ValueTask<StreamPage> ReadSharedAsync(StreamEntry entry, StoredState stream, StreamOffset from, CancellationToken cancellationToken)
    {
        if (entry.After(from) is not { } recent)
        {
            return await ReadAsync(stream, from, cancellationToken);
        }

        var chunks = new List<StreamChunk>(recent.Count);
        foreach (var message in recent)
        {
            if (await _store.ChunkAsync(message, cancellationToken) is not { } data)
            {
                return new StreamPage(stream, [], from, IsGone: true);
            }

            chunks.Add(new StreamChunk(new StreamOffset(message.State.Position, message.Sequence), data));
        }

        return new StreamPage(recent.Count > 0 && recent[^1].Sequence > stream.Sequence ? recent[^1] : stream, chunks, chunks.Count > 0 ? chunks[^1].End : from, IsGone: false);
    }

    /// <summary>A follower leaves.</summary>
    internal void Leave(StreamEntry entry)
    {
        Interlocked.Decrement(ref entry.Followers);
        _entries.Release(entry);
    }

    /// <summary>The time that followers wait by.</summary>
    internal TimeProvider Time => _time;

    /// <summary>Decides by what is known and lets the expected sequence confirm it; a refusal is decided by what is stored.</summary>
    private async ValueTask<AppendResult> AppendAsync(StreamEntry entry, AppendRequest request, CancellationToken cancellationToken)
    {
        var known = entry.Last;
        while (true)
        {
            var isFresh = known is null;
            var stream = known ?? await _lives.FindStandingAsync(entry.Key, entry.Last?.Place, cancellationToken);
            var now = _store.Now;
            var (outcome, producer) = stream switch
            {
                null => (AppendOutcome.NotFound, null),
                { State.IsDeleted: true } => (AppendOutcome.Deleted, null),
                _ when !stream.State.IsAlive(now) => (AppendOutcome.NotFound, null),
                _ => StreamRules.Decide(stream.State, request, Options.LargestStreamBytes),
            };
            if (outcome == AppendOutcome.Appended && await _store.TryPublishAsync(stream!.Place, stream.Sequence, StreamRules.After(stream, request, now), request.Data, cancellationToken) is { } stored)
            {
                entry.Take(stored, isFresh: false);
                return new AppendResult(outcome, stored, producer);
            }

            if (outcome != AppendOutcome.Appended && isFresh)
            {
                return new AppendResult(outcome, stream, producer);
            }

            known = null;
        }
    }
}
