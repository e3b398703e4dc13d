using ToolRuntime.Bus.Nats;
using ToolRuntime.Bus.Sessions;

namespace ToolRuntime.Bus.Streams;

/// <summary>
/// What this process knows of one stream: its last known state, for its next append, and while somebody follows it one subscription to what is
/// stored, with the last chunks, which all followers share. A follower that has fallen behind the chunks reads the store.
/// </summary>
internal sealed class StreamEntry(StreamKey key) : IDisposable
{
    private const int MostChunks = 256;
    private const int MostBytes = 128 * 1024;
    private readonly Lock _gate = new();
    private readonly Queue<StoredState> _recent = new();
    private long _recentBytes;
    private StoredState? _newest;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private StoredState? _last;
    private NatsSub? _sub;
    private bool _isStale = true;

    /// <summary>The stream.</summary>
    public StreamKey Key => key;

    /// <summary>One append of this process at a time.</summary>
    public SemaphoreSlim Turn { get; } = new(1, 1);

    /// <summary>Users at present; guarded by the owner.</summary>
    public int Users { get; set; }

    /// <summary>Followers at present.</summary>
    public int Followers;

    /// <summary>The last known state, maybe not the newest.</summary>
    public StoredState? Last
    {
        get
        {
            lock (_gate)
            {
                return _last;
            }
        }
    }

    /// <summary>The last known state and what ends when it changes; null where the store must be asked.</summary>
    public (StoredState? Last, Task Changed) Watch()
    {
        lock (_gate)
        {
            return (!_isStale && _last is { } last && _sub?.Subject == last.Place.LiveSubject ? last : null, _changed.Task);
        }
    }

    /// <summary>Subscribes where nobody has; what is read from the store afterwards misses nothing.</summary>
    public void Follow(NatsConnection connection, TopicPlace place)
    {
        lock (_gate)
        {
            if (_sub is null || _sub.Subject != place.LiveSubject)
            {
                _sub?.Dispose();
                _isStale = true;
                _sub = connection.Subscribe(place.LiveSubject, null, m => OnLive(place, m), OnMissed);
            }
        }
    }

    /// <summary>Takes what was read from the store, or written.</summary>
    public void Take(StoredState stored, bool isFresh)
    {
        TaskCompletionSource? changed = null;
        lock (_gate)
        {
            if (isFresh)
            {
                _isStale = false;
            }

            if (_last is { } last && last.Place == stored.Place && stored.Sequence <= last.Sequence)
            {
                return;
            }

            _last = stored;
            Keep(stored);
            (changed, _changed) = (_changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        changed.SetResult();
    }

    /// <summary>Forgets what is known; there is nothing under the name.</summary>
    public void Forget()
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            _last = null;
            _newest = null;
            _isStale = true;
            _recent.Clear();
            _recentBytes = 0;
            (changed, _changed) = (_changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        changed.SetResult();
    }

    /// <summary>The kept messages after a place, oldest first; null where they do not reach back so far, or the place is none of this stream.</summary>
    public IReadOnlyList<StoredState>? After(StreamOffset from)
    {
        lock (_gate)
        {
            if (!_recent.TryPeek(out var first) || first.State.Position > from.Position + 1)
            {
                return null;
            }

            var after = _recent.SkipWhile(m => m.State.Position <= from.Position).ToList();
            return from.Sequence == 0 || after.Count == 0 || after[0].State.Chain is [var before, ..] && before == from.Sequence ? after : null;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _sub?.Dispose();
            _sub = null;
        }
    }

    private void OnLive(TopicPlace place, NatsMsg message)
    {
        try
        {
            Take(StreamStore.Read(place, message), isFresh: false);
        }
        catch (InvalidDataException)
        {
            // Not ours: whoever reads asks the store.
            OnMissed();
        }
    }

    private void OnMissed()
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            _isStale = true;
            (changed, _changed) = (_changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        changed.SetResult();
    }

    private void Keep(StoredState stored)
    {
        if (stored.State.Chunk == ChunkKind.None)
        {
            return;
        }

        if (_newest is { } newest && (newest.Place != stored.Place || stored.State.Chain is not [var before, ..] || before != newest.Sequence))
        {
            _recent.Clear();
            _recentBytes = 0;
        }

        _newest = stored;
        _recent.Enqueue(stored);
        _recentBytes += stored.Content.Length;
        while (_recent.Count > MostChunks || (_recentBytes > MostBytes && _recent.Count > 1))
        {
            _recentBytes -= _recent.Dequeue().Content.Length;
        }
    }
}
