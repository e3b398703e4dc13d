using Microsoft.Extensions.Logging;

using ToolRuntime.Bus.Queue;
using ToolRuntime.Bus.Sessions;
using ToolRuntime.Functions;

namespace ToolRuntime.Runtime.Calls;

/// <summary>
/// One delivery, from the take to the acknowledgement: steps 4 to 8 of the way of a call.
/// <list type="number">
/// <item>(4) the delivery is taken; a later one looks at what the earlier runtime left (<see cref="Redelivery"/>)</item>
/// <item>(5) the session's own sandbox is found, or a shared or a fresh one (<see cref="Sandboxes.FunctionSandboxes"/>)</item>
/// <item>(6) the worker gets the call (<see cref="WorkerDispatch"/>)</item>
/// <item>(7) what it sends becomes events (<see cref="CallEvents"/>)</item>
/// <item>(8) the terminal event, the audit pair, the acknowledgement; the slot is free as soon as the worker has answered (<see cref="CallSettlement"/>)</item>
/// </list>
/// </summary>
internal sealed partial class CallRun : IDisposable
{
    private readonly Delivery _delivery;
    private readonly CallServices _services;
    private readonly CallControl _control;
    private HostCalls? _hostCalls;

    /// <summary>Begins to listen for signals to the call.</summary>
    public CallRun(Delivery delivery, CallServices services)
    {
        _delivery = delivery;
        _services = services;
        _control = new CallControl(delivery.Invocation, services.Bus.Control, signal => _hostCalls?.OnInput(signal), services.Clock.Time);
    }

    /// <summary>Whether user code may have run.</summary>
    public bool IsDispatched { get; private set; }

    private Invocation Invocation => _delivery.Invocation;

    /// <summary>Whether it is a run of <paramref name="invocation"/>.</summary>
    public bool Is(Invocation invocation) => Invocation.Id == invocation.Id && Invocation.Caller.Tenant == invocation.Caller.Tenant;

    /// <summary>Ends the call because this runtime stops.</summary>
    public void HandOver() => _control.TryEnd(CallEnd.HandedOver);

    /// <summary>Runs it; never faults.</summary>
    public async Task RunAsync()
    {
        try
        {
            await TakeAsync();
        }
        catch (FencedException error)
        {
            // Another runtime has the delivery: settling it here would settle it there.
            _delivery.Abandon();
            Fenced(Invocation.Id, error);
        }
        catch (Exception error)
        {
            // The rim of a call: unsettled, it comes again after the ack deadline, and redelivery decides.
            Broken(Invocation.Id, error);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _control.Dispose();

    private async Task TakeAsync()
    {
        var key = TopicKey.Of(Invocation);
        var settlement = new CallSettlement(_delivery, _services);
        var (topics, isJob) = (_services.Bus.Topics, (Invocation.Options & InvocationOptions.Job) != 0);

        // Jobs and calls with an idempotency key may be queued twice: the server forgets message ids with time, and those of settled calls when it restarts.
        var mayBeQueuedTwice = isJob || (Invocation.Options & InvocationOptions.Keep) != 0;
        var writer = mayBeQueuedTwice
            ? await topics.ReopenWriterAsync(key, _delivery.Attempt, CancellationToken.None)
            : await topics.OpenWriterAsync(key, _delivery.Attempt, CancellationToken.None);
        var keep = _services.Bus.Keeps.Open(key, _delivery.Attempt);
        var left = mayBeQueuedTwice || _delivery.Attempt > 1 ? await Redelivery.ReadAsync(keep, writer, CancellationToken.None) with { IsUnbegun = mayBeQueuedTwice && writer.Last is null } : default;
        using var events = new CallEvents(Invocation, writer, keep, _services.Options, _control) { Checkpoint = left.Checkpoint };
        switch (CallDecisions.OnDelivery(_delivery.Attempt, left, Invocation.Retry, _services.Options.MaximumDeliveries))
        {
            case DeliveryAction.Acknowledge:
                await settlement.AcknowledgeAsync(writer.Last!.Value.Event);
                return;
            case DeliveryAction.Ignore:
                await _delivery.AckAsync(CancellationToken.None);
                return;
            case DeliveryAction.FailRuntimeLost:
                await settlement.GiveUpAsync(events, CallDecisions.RuntimeLost(Invocation), keeps: isJob);
                return;
            case DeliveryAction.GiveUp:
                await settlement.GiveUpAsync(events, CallDecisions.TakenTooOften(Invocation, _delivery.Attempt - 1), keeps: true);
                return;
        }

        _hostCalls = new HostCalls(Invocation, events, _control, new KeptCalls(Invocation, events, keep, _services.Bus), _services.Bus);
        await RunAsync(events, settlement);
    }

    private async Task RunAsync(CallEvents events, CallSettlement settlement)
    {
        if (Invocation.Function == BuildRequest.FunctionName)
        {
            IsDispatched = true;

            // It unpacks and writes files: not on the thread that took it, which reads the bus.
            await Task.Yield();
            await settlement.EndAsync(events, await _services.Builds(Invocation, events, _control.Token));
            return;
        }

        var attempts = new CallAttempts(_delivery, _services, _control, events, _hostCalls!, () => IsDispatched = true);
        switch (await attempts.RunAsync())
        {
            case { } terminal:
                await settlement.EndAsync(events, terminal);
                break;
            case null when _control.End == CallEnd.HandedOver:
                await settlement.HandOverAsync(events);
                break;
            case null when _control.End == CallEnd.Fenced:
                throw new FencedException($"{Invocation.Id}: another runtime writes this call's events");
            case null:
                await settlement.ForwardAsync(attempts.Owner!);
                break;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "invocation {Invocation}: another runtime has taken it over")]
    private static partial void LogFenced(ILogger logger, string invocation, Exception error);

    [LoggerMessage(Level = LogLevel.Error, Message = "invocation {Invocation}: it could not be brought to an end here, and will be delivered again")]
    private static partial void LogBroken(ILogger logger, string invocation, Exception error);

    private void Fenced(string invocation, Exception error) => LogFenced(_services.Clock.Logger, invocation, error);

    private void Broken(string invocation, Exception error) => LogBroken(_services.Clock.Logger, invocation, error);
}
