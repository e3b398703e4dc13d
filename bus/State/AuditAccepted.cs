using ToolRuntime.Functions;

namespace ToolRuntime.Bus.State;

/// <summary>What was accepted. Arguments up to 64 KiB stand in it (base64), larger ones by their reference.</summary>
internal sealed record AuditAccepted(
    DateTimeOffset At,
    string Invocation,
    string Session,
    Caller Caller,
    string Function,
    string Version,
    string Tool,
    string Decision,
    string? TraceParent,
    string? Parent,
    byte[]? Arguments,
    long ArgumentBytes,
    string? ArgumentsReference);
