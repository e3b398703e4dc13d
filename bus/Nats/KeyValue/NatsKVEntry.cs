namespace ToolRuntime.Bus.Nats.KeyValue;

/// <summary>A key's value and revision.</summary>
internal readonly record struct NatsKVEntry(string Key, ReadOnlyMemory<byte> Value, ulong Revision, NatsKVOperation Operation)
{
    /// <summary>The headers that it was set with, and those of the server.</summary>
    public NatsHeaders Headers { get; init; }
}
