namespace ToolRuntime.Runtime.Workers;

/// <summary>A worker's answer and its payload, a copy that is the receiver's.</summary>
internal readonly record struct WorkerOutcome(WorkerAnswer Answer, ReadOnlyMemory<byte> Payload);
