using ToolRuntime.Functions;

namespace ToolRuntime.Bus.State;

/// <summary>How a call ended, for the record.</summary>
/// <param name="At">When.</param>
/// <param name="Fault">Why it failed, or null.</param>
/// <param name="ResultBytes">Length of the result.</param>
public sealed record AuditOutcome(DateTimeOffset At, FaultCode? Fault, long ResultBytes);
