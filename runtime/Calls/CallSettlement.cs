using System.Text.Json;

using ToolRuntime.Bus.Queue;
using ToolRuntime.Bus.State;
using ToolRuntime.Functions;

namespace ToolRuntime.Runtime.Calls;

/// <summary>Step 8 of the way of a call: the terminal event, then the audit pair, then the acknowledgement, each stored before the next.</summary>
internal sealed class CallSettlement(Delivery delivery, CallServices services)
{
    private static readonly TimeSpan s_settleDeadline = TimeSpan.FromSeconds(30);

    /// <summary>A terminal event of a fault.</summary>
    public static InvocationEvent Failed(FunctionFault fault) =>
        new(EventKind.Failed, JsonSerializer.SerializeToUtf8Bytes(fault, FunctionsJson.Default.FunctionFault));

    /// <summary>Ends the call.</summary>
    public async ValueTask EndAsync(CallEvents events, InvocationEvent terminal)
    {
        using var deadline = new CancellationTokenSource(s_settleDeadline, services.Clock.Time);
        await events.EndAsync(terminal, deadline.Token);
        await RecordAsync(terminal, deadline.Token);
        _ = events.ForgetAsync();
    }

    /// <summary>Ends a call that no runtime brought to an end, and keeps it among the dead letters where somebody may want to repeat it. The letter comes first: who sees the end finds it.</summary>
    public async ValueTask GiveUpAsync(CallEvents events, FunctionFault fault, bool keeps)
    {
        using var deadline = new CancellationTokenSource(s_settleDeadline, services.Clock.Time);
        if (keeps)
        {
            await services.Bus.DeadLetters.AddAsync(delivery.Invocation, fault.Message, delivery.Attempt - 1, deadline.Token);
        }

        var terminal = Failed(fault);
        await events.EndAsync(terminal, deadline.Token);
        await RecordAsync(terminal, deadline.Token);
    }

    /// <summary>The call has ended already; the earlier runtime may have died before the record or the acknowledgement.</summary>
    public async ValueTask AcknowledgeAsync(InvocationEvent terminal)
    {
        using var deadline = new CancellationTokenSource(s_settleDeadline, services.Clock.Time);
        await RecordAsync(terminal, deadline.Token);
    }

    /// <summary>Gives it back unstarted: another runtime runs it at once.</summary>
    public async ValueTask HandOverAsync(CallEvents events)
    {
        using var deadline = new CancellationTokenSource(s_settleDeadline, services.Clock.Time);
        await events.HandOverAsync(services.Options.RuntimeId, deadline.Token);
        await delivery.NakAsync(TimeSpan.Zero, deadline.Token);
    }

    /// <summary>Sends it to the runtime that owns its session.</summary>
    public async ValueTask ForwardAsync(SessionOwner owner)
    {
        using var deadline = new CancellationTokenSource(s_settleDeadline, services.Clock.Time);
        await services.Bus.Queue.SendOnAsync(delivery, owner, deadline.Token);
        await delivery.AckAsync(deadline.Token);
    }

    private async ValueTask RecordAsync(InvocationEvent terminal, CancellationToken cancellationToken)
    {
        var fault = FaultOf(terminal);
        services.Bus.Index.Ended(delivery.Invocation, fault);
        await services.Bus.Audit.RecordAsync(
            delivery.Invocation,
            new AuditOutcome(services.Clock.Time.GetUtcNow(), fault, terminal.Kind == EventKind.Completed ? terminal.Data.Length : 0),
            cancellationToken);
        await delivery.AckAsync(cancellationToken);
    }

    private static FaultCode? FaultOf(InvocationEvent terminal)
    {
        if (terminal.Kind != EventKind.Failed)
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize(terminal.Data.Span, FunctionsJson.Default.FunctionFault)?.Code ?? FaultCode.Internal;
        }
        catch (JsonException)
        {
            return FaultCode.Internal;
        }
    }
}
