namespace ToolRuntime.Bus.Nats.KeyValue;

/// <summary>What happened to a key.</summary>
internal enum NatsKVOperation
{
    /// <summary>It has a value.</summary>
    Put,

    /// <summary>It was removed.</summary>
    Del,
}
