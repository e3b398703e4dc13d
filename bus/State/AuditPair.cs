namespace ToolRuntime.Bus.State;

/// <summary>The record of one call.</summary>
internal sealed record AuditPair(AuditAccepted Accepted, AuditCompleted Completed);
