using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Sdk.Protocol;

/// <summary>One frame from the host.</summary>
internal readonly record struct Frame(WorkerFrameType Type, uint Call, byte[] Payload);
