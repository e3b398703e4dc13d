using ToolRuntime.Functions;

namespace ToolRuntime.Bus.Sessions;

/// <summary>One call of a session.</summary>
/// <param name="Invocation">Its id.</param>
/// <param name="Tool">What was called.</param>
/// <param name="State">How far it has come.</param>
/// <param name="StartedAt">When its code first began; when it ended, for one that never began.</param>
/// <param name="EndedAt">When it ended, or null where it has not or the index missed it.</param>
/// <param name="Fault">Why it failed, or null.</param>
public sealed record SessionCall(string Invocation, string Tool, SessionCallState State, DateTimeOffset StartedAt, DateTimeOffset? EndedAt, FaultCode? Fault)
{
    /// <summary>A call after one more entry; the first start and the first end count, since a later runtime may note both again.</summary>
    internal static SessionCall After(SessionCall? call, IndexEntry entry)
    {
        call ??= new SessionCall(entry.Invocation, entry.Tool, SessionCallState.Running, entry.At, null, null);
        return !entry.IsEnd || call.EndedAt is not null
            ? call
            : call with { State = entry.Fault is null ? SessionCallState.Completed : SessionCallState.Failed, EndedAt = entry.At, Fault = entry.Fault };
    }
}
