namespace ToolRuntime.Bus.Nats.KeyValue;

/// <summary>A key's value and revision.</summary>
internal readonly record struct NatsKVEntry(string Key, ReadOnlyMemory<byte> Value, ulong Revision, NatsKVOperation Operation);
