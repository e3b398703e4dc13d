using ToolRuntime.Bus.Nats.KeyValue;

namespace ToolRuntime.Bus.State;

/// <summary>Versions that came by in a watch, unread, until the records that name them: those are written after them. At most 64 MiB; what is not here can be asked for.</summary>
internal sealed class PassedVersions
{
    private const int MostBytes = 64 * 1024 * 1024;
    private readonly Dictionary<string, NatsKVEntry> _entries = new(StringComparer.Ordinal);
    private long _bytes;

    /// <summary>Keeps one; all others go where there is no room.</summary>
    public void Add(NatsKVEntry entry)
    {
        if (_bytes + entry.Value.Length > MostBytes)
        {
            _entries.Clear();
            _bytes = 0;
        }

        Take(entry.Key);
        if (entry.Operation == NatsKVOperation.Put)
        {
            _entries[entry.Key] = entry;
            _bytes += entry.Value.Length;
        }
    }

    /// <summary>The one of a key, which goes; or null.</summary>
    public NatsKVEntry? Take(string key)
    {
        if (!_entries.Remove(key, out var entry))
        {
            return null;
        }

        _bytes -= entry.Value.Length;
        return entry;
    }
}
