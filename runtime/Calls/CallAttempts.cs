using System.Diagnostics;

using ToolRuntime.Bus.Queue;
using ToolRuntime.Bus.State;
using ToolRuntime.Functions;
using ToolRuntime.Runtime.Sandboxes;
using ToolRuntime.Runtime.Workers;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Runtime.Calls;

/// <summary>
/// Steps 5 to 7 of the way of a call, as often as the manifest allows: a sandbox is found, the worker runs the call, and where the
/// worker or sandbox was lost a repeatable call is tried again on a fresh one.
/// </summary>
internal sealed class CallAttempts(Delivery delivery, CallServices services, CallControl control, CallEvents events, HostCalls hostCalls, Action onDispatched)
{
    private static readonly ActivitySource s_activities = new("ToolRuntime.Runtime");
    private readonly Invocation _invocation = delivery.Invocation;
    private bool _mayRepeat;

    /// <summary>The session's owner, when the call belongs there.</summary>
    public SessionOwner? Owner { get; private set; }

    /// <summary>The terminal event; null when the call goes elsewhere (<see cref="Owner"/>, or the control's end).</summary>
    public async Task<InvocationEvent?> RunAsync()
    {
        using var activity = StartActivity();
        if (await VersionAsync() is not { } version)
        {
            return control.End != CallEnd.None ? EndedWaiting() : Failed(FaultCode.ToolNotFound, $"{_invocation.Tool}: version {_invocation.Version} of {_invocation.Function} is no longer kept", "deploy it again");
        }

        if (version.Manifest.Language == FunctionLanguage.Mcp || version.Tools.FirstOrDefault(t => t.Name == _invocation.Tool) is not { } tool)
        {
            return Failed(FaultCode.ToolNotFound, $"{_invocation.Function}: version {version.Digest} has no tool named {_invocation.Tool}", null);
        }

        if (!await ClaimAsync(version))
        {
            return null;
        }

        _mayRepeat = _invocation.Retry == RetryPolicy.Safe || version.Manifest.Retry == RetryPolicy.Safe;
        for (var attempt = 1; ; attempt++)
        {
            var (terminal, loss) = await TryAsync(version, tool, attempt, activity?.Id);
            if (loss is null)
            {
                return terminal;
            }

            _mayRepeat |= events.IsKept;
            if (control.End != CallEnd.None || !CallDecisions.ShouldRetry(loss.Value.Fault.Code, loss.Value.Dispatched, attempt, services.Options.MaximumAttempts, _mayRepeat))
            {
                return EndedFrom(loss.Value.Fault, WorkerAnswer.Lost);
            }
        }
    }

    private static InvocationEvent Failed(FaultCode code, string message, string? hint) => CallSettlement.Failed(new FunctionFault(code, message, hint));

    /// <summary>What it runs; null where that is not kept, or where the call has ended before it was known.</summary>
    private async ValueTask<FunctionVersion?> VersionAsync()
    {
        try
        {
            var version = await services.Bus.Catalog.GetVersionAsync(_invocation.Caller.Tenant, _invocation.Version, control.Token);
            return version is not null && ScriptFunction.IsOfferedBy(version) ? ScriptFunction.Of(version, new ToolDefinition { Name = _invocation.Tool, InputSchema = default }) : version;
        }
        catch (OperationCanceledException) when (control.End != CallEnd.None)
        {
            return null;
        }
    }

    /// <summary>Whether the call runs here: a session beyond the call has one owner.</summary>
    private async ValueTask<bool> ClaimAsync(FunctionVersion version)
    {
        if (version.Manifest.Isolation != Isolation.Session || !_invocation.SessionIsExplicit)
        {
            return true;
        }

        try
        {
            Owner = await services.Claims.TakeAsync(_invocation.Session, version, control.Token);
            return Owner is null;
        }
        catch (OperationCanceledException) when (control.End != CallEnd.None)
        {
            // It waits no longer than its token, so the next step says how it ended.
            return true;
        }
    }

    private async Task<(InvocationEvent? Terminal, (FunctionFault Fault, bool Dispatched)? Loss)> TryAsync(
        FunctionVersion version, ToolDefinition tool, int attempt, string? trace)
    {
        SandboxSlot slot;
        try
        {
            slot = await services.Sandboxes.AcquireAsync(version, SandboxKey.Of(version.Manifest, _invocation), events, control.Token);
        }
        catch (OperationCanceledException)
        {
            return (EndedWaiting(), null);
        }
        catch (FunctionFaultException error)
        {
            // What ended the call first is what it is told: a boot that fails after the deadline is not its reason.
            return control.End == CallEnd.None ? (null, (error.Fault, false)) : (EndedWaiting(), null);
        }

        WorkerOutcome outcome;
        try
        {
            if (control.HasEnded())
            {
                return (EndedWaiting(), null);
            }

            outcome = await DispatchAsync(slot.Sandbox, version, tool, (attempt, trace));
        }
        finally
        {
            services.Sandboxes.Release(slot);
        }

        if (outcome.Answer == WorkerAnswer.Lost)
        {
            return (null, (await slot.Sandbox.DescribeLossAsync(), true));
        }

        return (TerminalOf(outcome, version), null);
    }

    private async ValueTask<WorkerOutcome> DispatchAsync(FunctionSandbox sandbox, FunctionVersion version, ToolDefinition tool, (int Number, string? Trace) attempt)
    {
        onDispatched();
        hostCalls.Kept.BeginAttempt();
        services.Bus.Index.Started(_invocation);
        events.MaximumBytes = version.Manifest.Limits.OutputKiB * 1024L;
        await events.StartedAsync(services.Options.RuntimeId, services.Claims.EpochOf(version.Tenant, _invocation.Session));
        var request = new CallRequest(
            _invocation,
            tool.Entry.Length == 0 ? tool.Name : tool.Entry,
            delivery.Attempt + attempt.Number - 1,
            Math.Max(0, (long)(_invocation.Deadline - services.Clock.Time.GetUtcNow()).TotalMilliseconds),
            events.Streams,
            events.Checkpoint,
            attempt.Trace ?? _invocation.TraceParent);
        var dispatch = new WorkerDispatch(sandbox, control, services.Options.CancelGrace, services.Clock.Time);
        return await dispatch.RunAsync(request, frame =>
        {
            if (frame.Type == WorkerFrameType.HostCall)
            {
                hostCalls.Take(frame, sandbox.Connection);
                return ValueTask.CompletedTask;
            }

            return events.OnFrameAsync(frame, sandbox.Output);
        });
    }

    private InvocationEvent? EndedWaiting() => control.End switch
    {
        CallEnd.Deadline => CallSettlement.Failed(CallDecisions.WaitedTooLong(_invocation, events.Place)),
        CallEnd.Cancelled => Failed(FaultCode.Cancelled, $"{_invocation.Tool}: the call was cancelled", null),
        _ => null,
    };

    private InvocationEvent? EndedFrom(FunctionFault? fault, WorkerAnswer answer) => control.End switch
    {
        CallEnd.Fenced => null,
        CallEnd.HandedOver when _mayRepeat || events.IsKept => null,
        CallEnd.HandedOver => Failed(FaultCode.RuntimeLost, $"{_invocation.Tool}: the runtime was stopped while it ran the call", "set retry: safe in the manifest where running it twice does no harm"),
        _ => CallSettlement.Failed(CallDecisions.FaultOf(control.End, answer, _invocation) ?? fault!),
    };

    private InvocationEvent? TerminalOf(WorkerOutcome outcome, FunctionVersion version)
    {
        var stopped = control.End is CallEnd.HandedOver && outcome.Answer != WorkerAnswer.Result;
        if (stopped || control.End is CallEnd.Fenced || CallDecisions.FaultOf(control.End, outcome.Answer, _invocation) is not null)
        {
            return EndedFrom(null, outcome.Answer);
        }

        if (outcome.Answer == WorkerAnswer.Error)
        {
            return CallSettlement.Failed(WorkerError.Read(outcome.Payload.Span));
        }

        if (outcome.Payload.Length > version.Manifest.Limits.ResultKiB * 1024L)
        {
            return Failed(
                FaultCode.OutputTooLarge,
                $"{_invocation.Tool}: the result has {outcome.Payload.Length} bytes, {version.Manifest.Limits.ResultKiB} KiB are allowed",
                "return less, or raise limits.resultKiB in the manifest");
        }

        return GuestJson.CheckResult(outcome.Payload.Span) is { } wrong
            ? Failed(FaultCode.FunctionThrew, $"{_invocation.Tool}: the result is not valid JSON: {wrong}", null)
            : new InvocationEvent(EventKind.Completed, outcome.Payload);
    }

    private Activity? StartActivity() => s_activities.HasListeners()
        ? s_activities.StartActivity("tool.run", ActivityKind.Consumer, _invocation.TraceParent)
        : null;
}
