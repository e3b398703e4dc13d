using ToolRuntime.Functions;
using ToolRuntime.Runtime.Workers;
using ToolRuntime.Sandbox.Pools;

namespace ToolRuntime.Runtime.Calls;

/// <summary>The decisions of a call: pure.</summary>
internal static class CallDecisions
{
    /// <summary>Redelivery, decisions.md 4.</summary>
    /// <param name="attempt">1 for the first delivery.</param>
    /// <param name="left">What an earlier delivery left on the topic.</param>
    /// <param name="retry">What the manifest allows.</param>
    /// <param name="maximum">Most times that a call is taken.</param>
    public static DeliveryAction OnDelivery(int attempt, Redelivery left, RetryPolicy retry, int maximum)
    {
        if (left.Last is EventKind.Completed or EventKind.Failed)
        {
            return DeliveryAction.Acknowledge;
        }

        if (left.HandedOver)
        {
            return DeliveryAction.Run;
        }

        if (attempt <= 1)
        {
            return left.Last is null ? DeliveryAction.Run : DeliveryAction.Ignore;
        }

        if (!left.IsKept && !left.IsUnbegun && retry != RetryPolicy.Safe)
        {
            return DeliveryAction.FailRuntimeLost;
        }

        return attempt > maximum ? DeliveryAction.GiveUp : DeliveryAction.Run;
    }

    /// <summary>Whether a call is tried again in this runtime.</summary>
    /// <param name="fault">How it failed.</param>
    /// <param name="dispatched">Whether a worker had got it; one that never ran may always be tried again.</param>
    /// <param name="tries">How often it was tried, this one included.</param>
    /// <param name="maximum">Most tries.</param>
    /// <param name="mayRepeat">Whether the manifest or what the call has kept allows it.</param>
    public static bool ShouldRetry(FaultCode fault, bool dispatched, int tries, int maximum, bool mayRepeat) =>
        tries < maximum
        && (mayRepeat || !dispatched)
        && fault is FaultCode.WorkerLost or FaultCode.SandboxLost or FaultCode.SandboxOutOfMemory
        && (fault != FaultCode.SandboxOutOfMemory || !dispatched);

    /// <summary>
    /// The fault of a call that was told to end. A result that came all the same stands after a cancel, since the work is done, but not
    /// after the deadline.
    /// </summary>
    public static FunctionFault? FaultOf(CallEnd end, WorkerAnswer answer, Invocation invocation) => end switch
    {
        CallEnd.Deadline => DeadlineFault(invocation),
        CallEnd.Cancelled when answer != WorkerAnswer.Result => new FunctionFault(FaultCode.Cancelled, $"{invocation.Tool}: the call was cancelled"),
        _ => null,
    };

    /// <summary>The runtime died, and nobody said that the call may be repeated.</summary>
    public static FunctionFault RuntimeLost(Invocation invocation) => new(
        FaultCode.RuntimeLost,
        $"{invocation.Tool}: the runtime that ran the call died, and the function does not allow a repetition",
        "set retry: safe in the manifest where running it twice does no harm, or keep checkpoints");

    /// <summary>It may be repeated, and was so without ever coming to an end.</summary>
    public static FunctionFault TakenTooOften(Invocation invocation, int attempts) => new(
        FaultCode.RuntimeLost,
        $"{invocation.Tool}: the call was taken {attempts} times, and each time its runtime died or was lost before it ended",
        $"it stands among the dead letters: 'toolrt jobs show {invocation.Id}', and 'toolrt jobs replay' once the cause is mended");

    /// <summary>The deadline passed while the call ran.</summary>
    public static FunctionFault DeadlineFault(Invocation invocation) => new(
        FaultCode.DeadlineExceeded,
        $"{invocation.Tool}: the call did not end within {(invocation.Deadline - invocation.AcceptedAt).TotalSeconds:0.###} s",
        "raise timeoutSeconds in the manifest, or do less in one call");

    /// <summary>The deadline passed before a sandbox took the call; no code of the function ran.</summary>
    public static FunctionFault WaitedTooLong(Invocation invocation, WaitingPlace place) => new(
        FaultCode.PoolExhausted,
        $"{invocation.Tool}: no sandbox became free within {(invocation.Deadline - invocation.AcceptedAt).TotalSeconds:0.###} s: {place.Reason}; position {place.Position}"
            + (place.Estimate is { } time ? $", about {time.TotalSeconds:0.#} s more" : ", and no call has ended by which to tell how long"),
        "raise pool.max in the manifest, or call less at once");
}
