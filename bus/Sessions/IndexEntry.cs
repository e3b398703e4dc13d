using ToolRuntime.Functions;

namespace ToolRuntime.Bus.Sessions;

/// <summary>A start or an end in a session's index.</summary>
internal sealed record IndexEntry(string Invocation, string Tool, DateTimeOffset At, bool IsEnd, FaultCode? Fault);
