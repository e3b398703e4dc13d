namespace ToolRuntime.Bus.Streams;

/// <summary>The streams that this process knows; those that nobody uses are forgotten from the longest idle on, beyond a bound.</summary>
internal sealed class StreamEntries : IDisposable
{
    private const int MostIdle = 1024;
    private readonly Lock _gate = new();
    private readonly Dictionary<StreamKey, StreamEntry> _entries = [];
    private readonly LinkedList<StreamEntry> _idle = new();

    /// <summary>A stream's entry, for use until it is given back.</summary>
    public StreamEntry Take(StreamKey key)
    {
        lock (_gate)
        {
            if (!_entries.TryGetValue(key, out var entry))
            {
                _entries[key] = entry = new StreamEntry(key);
            }
            else if (entry.Users == 0)
            {
                _idle.Remove(entry);
            }

            entry.Users++;
            return entry;
        }
    }

    /// <summary>Gives an entry back.</summary>
    public void Release(StreamEntry entry)
    {
        lock (_gate)
        {
            if (--entry.Users > 0)
            {
                return;
            }

            _idle.AddLast(entry);
            while (_idle.Count > MostIdle && _idle.First is { } oldest)
            {
                _idle.RemoveFirst();
                _entries.Remove(oldest.Value.Key);
                oldest.Value.Dispose();
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var entry in _entries.Values)
            {
                entry.Dispose();
            }

            _entries.Clear();
            _idle.Clear();
        }
    }
}
