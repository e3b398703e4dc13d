using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Runtime.Workers;

/// <summary>One frame from a worker. The payload is valid until the next frame is read.</summary>
internal readonly record struct WorkerFrame(WorkerFrameType Type, uint Call, ReadOnlyMemory<byte> Payload);
