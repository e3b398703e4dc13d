using ToolRuntime.Sandbox.Pools;

namespace ToolRuntime.Runtime.Sandboxes;

/// <summary>The calls that wait for a sandbox of one version, first come first served. Guarded by the lock of the pool.</summary>
internal sealed class WaiterQueue
{
    private static readonly TimeSpan s_tellEvery = TimeSpan.FromSeconds(1);
    private readonly LinkedList<Waiter> _waiters = [];
    private readonly Dictionary<SandboxKey, int> _counts = [];

    /// <summary>How many wait.</summary>
    public int Count => _waiters.Count;

    /// <summary>The first of each key. Looks no further than to the last of them: a thousand calls may wait for one.</summary>
    public IEnumerable<Waiter> Firsts => _waiters.DistinctBy(w => w.Key).Take(_counts.Count);

    /// <summary>Adds one at the end.</summary>
    public void Add(Waiter waiter)
    {
        _waiters.AddLast(waiter);
        _counts[waiter.Key] = CountOf(waiter.Key) + 1;
    }

    /// <summary>Takes one out and gives the position at which it stood, 1 for the first; null when it does not wait.</summary>
    public int? Leave(Waiter waiter)
    {
        var position = _waiters.TakeWhile(w => w != waiter).Count() + 1;
        if (!_waiters.Remove(waiter))
        {
            return null;
        }

        Uncount(waiter.Key);
        return position;
    }

    /// <summary>How many of a key wait.</summary>
    public int CountOf(SandboxKey key) => _counts.GetValueOrDefault(key);

    /// <summary>Those of a key.</summary>
    public List<Waiter> Of(SandboxKey key) => [.. _waiters.Where(w => w.Key == key)];

    /// <summary>Takes the first of a key out, or gives null.</summary>
    public Waiter? TakeFirst(SandboxKey key)
    {
        for (var node = _waiters.First; node is not null; node = node.Next)
        {
            if (node.Value.Key == key)
            {
                _waiters.Remove(node);
                Uncount(key);
                return node.Value;
            }
        }

        return null;
    }

    /// <summary>Those whose place is to be told now, at most once a second each.</summary>
    public List<(Waiter Waiter, WaitingPlace Place)> Due(DateTimeOffset now, Func<int, WaitingPlace> placeAt)
    {
        List<(Waiter, WaitingPlace)> due = [];
        var position = 0;
        foreach (var waiter in _waiters)
        {
            position++;
            if (now - waiter.Told >= s_tellEvery)
            {
                waiter.Told = now;
                due.Add((waiter, placeAt(position)));
            }
        }

        return due;
    }

    private void Uncount(SandboxKey key)
    {
        if (CountOf(key) is var count and > 1)
        {
            _counts[key] = count - 1;
        }
        else
        {
            _counts.Remove(key);
        }
    }
}
