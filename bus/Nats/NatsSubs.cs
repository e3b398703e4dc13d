using System.Collections.Concurrent;

namespace ToolRuntime.Bus.Nats;

/// <summary>The subscriptions of a connection, by number; they live over its reconnects.</summary>
internal sealed class NatsSubs
{
    private readonly ConcurrentDictionary<long, NatsSub> _all = new();
    private long _last;

    /// <summary>A number that no subscription had.</summary>
    public long NextSid() => Interlocked.Increment(ref _last);

    /// <summary>Takes one up.</summary>
    public void Add(NatsSub sub) => _all[sub.Sid] = sub;

    /// <summary>The one of a number, or null.</summary>
    public NatsSub? Find(long sid) => _all.GetValueOrDefault(sid);

    /// <summary>Takes one out; false where it is gone already.</summary>
    public bool Remove(NatsSub sub) => _all.TryRemove(sub.Sid, out _);

    /// <summary>A SUB for each, for a new connection.</summary>
    public NatsSendBatch Again()
    {
        var batch = new NatsSendBatch();
        foreach (var sub in _all.Values)
        {
            batch.AppendSubscribe(sub.Subject, sub.QueueGroup, sub.Sid);
        }

        return batch;
    }

    /// <summary>Tells each that it may have missed something.</summary>
    public void TellMissed()
    {
        foreach (var sub in _all.Values)
        {
            sub.Missed?.Invoke();
        }
    }
}
