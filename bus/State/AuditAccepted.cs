using ToolRuntime.Functions;

namespace ToolRuntime.Bus.State;

/// <summary>The entry that a call was accepted. Arguments up to 64 KiB stand in it (base64), larger ones by their reference.</summary>
internal sealed record AuditAccepted(
    string Entry,
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
