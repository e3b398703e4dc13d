using ToolRuntime.Functions;

namespace ToolRuntime.Runtime.Workers;

/// <summary>What CALL says beside the arguments.</summary>
internal readonly record struct CallRequest(Invocation Invocation, string Entry, int Attempt, long DeadlineMilliseconds, bool Stream, ReadOnlyMemory<byte> Checkpoint, string? TraceParent);
