using ToolRuntime.Functions;

namespace ToolRuntime.Bus.State;

/// <summary>How a call ended.</summary>
internal sealed record AuditCompleted(DateTimeOffset At, FaultCode? Fault, long ResultBytes);
