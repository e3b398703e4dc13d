using ToolRuntime.Functions;

namespace ToolRuntime.Bus.State;

/// <summary>The entry that a call ended.</summary>
internal sealed record AuditCompleted(string Entry, DateTimeOffset At, string Invocation, FaultCode? Fault, long ResultBytes);
