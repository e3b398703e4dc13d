using ToolRuntime.Bus;
using ToolRuntime.Bus.State;
using ToolRuntime.Functions;

namespace ToolRuntime.Gateway.Calls;

/// <summary>The record of calls that the gateway answers or refuses itself; a gateway without a bus keeps none.</summary>
public sealed class CallRecord(TimeProvider time, MessageBus? bus = null)
{
    /// <summary>Records that a call was accepted and how it ended; returns once both are stored.</summary>
    /// <param name="invocation">The call.</param>
    /// <param name="fault">Why it failed, or null.</param>
    /// <param name="resultBytes">Length of what it gave.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public ValueTask EndedAsync(Invocation invocation, FaultCode? fault, long resultBytes, CancellationToken cancellationToken) =>
        bus is null ? ValueTask.CompletedTask : bus.Audit.RecordTogetherAsync(invocation, new AuditOutcome(time.GetUtcNow(), fault, resultBytes), cancellationToken);
}
