using ToolRuntime.Functions;
using ToolRuntime.Runtime.Calls;
using ToolRuntime.Runtime.Sandboxes;
using ToolRuntime.Runtime.Workers;
using ToolRuntime.Sandbox.Pools;

namespace ToolRuntime.Tests.Unit.Runtime;

public sealed class CallDecisionsTests
{
    private static readonly Invocation s_call = new()
    {
        Id = Ids.New(),
        Session = Ids.New(),
        Caller = Caller.Local,
        Pool = "base",
        Function = "f",
        Version = "v",
        Tool = "t",
        Arguments = default,
        AcceptedAt = DateTimeOffset.UnixEpoch,
        Deadline = DateTimeOffset.UnixEpoch.AddSeconds(5),
    };

    [Theory]
    [InlineData(1, null, false, false, RetryPolicy.Never, nameof(DeliveryAction.Run))]
    [InlineData(2, null, false, false, RetryPolicy.Never, nameof(DeliveryAction.FailRuntimeLost))]
    [InlineData(2, EventKind.Started, false, false, RetryPolicy.Never, nameof(DeliveryAction.FailRuntimeLost))]
    [InlineData(2, EventKind.Started, true, false, RetryPolicy.Never, nameof(DeliveryAction.Run))]
    [InlineData(2, null, false, false, RetryPolicy.Safe, nameof(DeliveryAction.Run))]
    [InlineData(2, EventKind.Progress, false, true, RetryPolicy.Never, nameof(DeliveryAction.Run))]
    [InlineData(2, EventKind.Completed, false, false, RetryPolicy.Safe, nameof(DeliveryAction.Acknowledge))]
    [InlineData(3, EventKind.Failed, false, true, RetryPolicy.Safe, nameof(DeliveryAction.Acknowledge))]
    [InlineData(1, EventKind.Started, false, false, RetryPolicy.Safe, nameof(DeliveryAction.Ignore))]
    [InlineData(1, EventKind.Failed, false, false, RetryPolicy.Never, nameof(DeliveryAction.Acknowledge))]
    [InlineData(3, EventKind.Started, false, false, RetryPolicy.Safe, nameof(DeliveryAction.Run))]
    [InlineData(4, EventKind.Started, false, false, RetryPolicy.Safe, nameof(DeliveryAction.GiveUp))]
    [InlineData(4, EventKind.Checkpoint, false, true, RetryPolicy.Never, nameof(DeliveryAction.GiveUp))]
    [InlineData(4, EventKind.Started, true, false, RetryPolicy.Safe, nameof(DeliveryAction.Run))]
    [InlineData(4, EventKind.Started, false, false, RetryPolicy.Never, nameof(DeliveryAction.FailRuntimeLost))]
    public void ARedeliveryGoesOnOnlyWhereItMay(int attempt, EventKind? last, bool handedOver, bool checkpoint, RetryPolicy retry, string expected) =>
        Assert.Equal(expected, CallDecisions.OnDelivery(attempt, new Redelivery(last, handedOver, checkpoint, default), retry, maximum: 3).ToString());

    [Theory]
    [InlineData(2, nameof(DeliveryAction.Run))]
    [InlineData(4, nameof(DeliveryAction.GiveUp))]
    public void ADeliveryThatGotLostBeforeAnyCodeRanIsNoLoss(int attempt, string expected) =>
        Assert.Equal(expected, CallDecisions.OnDelivery(attempt, new Redelivery { IsUnbegun = true }, RetryPolicy.Never, maximum: 3).ToString());

    [Theory]
    [InlineData(FaultCode.WorkerLost, true, 1, true, true)]
    [InlineData(FaultCode.SandboxLost, true, 2, true, true)]
    [InlineData(FaultCode.WorkerLost, true, 3, true, false)]
    [InlineData(FaultCode.WorkerLost, true, 1, false, false)]
    [InlineData(FaultCode.SandboxLost, false, 1, false, true)]
    [InlineData(FaultCode.SandboxOutOfMemory, true, 1, true, false)]
    [InlineData(FaultCode.FunctionThrew, true, 1, true, false)]
    [InlineData(FaultCode.LoadFailed, false, 1, true, false)]
    public void OnlyALossIsTriedAgain(FaultCode fault, bool dispatched, int tries, bool mayRepeat, bool expected) =>
        Assert.Equal(expected, CallDecisions.ShouldRetry(fault, dispatched, tries, maximum: 3, mayRepeat));

    [Fact]
    public void AResultAfterACancelStandsButNotAfterTheDeadline()
    {
        Assert.Null(CallDecisions.FaultOf(CallEnd.Cancelled, WorkerAnswer.Result, s_call));
        Assert.Equal(FaultCode.Cancelled, CallDecisions.FaultOf(CallEnd.Cancelled, WorkerAnswer.Lost, s_call)?.Code);
        Assert.Equal(FaultCode.DeadlineExceeded, CallDecisions.FaultOf(CallEnd.Deadline, WorkerAnswer.Result, s_call)?.Code);
        Assert.Null(CallDecisions.FaultOf(CallEnd.None, WorkerAnswer.Lost, s_call));
    }

    [Fact]
    public void WaitingTooLongSaysThePositionTheReasonAndTheEstimate()
    {
        var fault = CallDecisions.WaitedTooLong(s_call, new WaitingPlace(3, TimeSpan.FromSeconds(12), SandboxDecisions.WhyWaiting(live: 2, booting: 0, maximum: 2)));
        Assert.Equal(FaultCode.PoolExhausted, fault.Code);
        Assert.Equal("t: no sandbox became free within 5 s: 2 of at most 2 sandboxes are in use; position 3, about 12 s more", fault.Message);
        Assert.Contains("no call has ended", CallDecisions.WaitedTooLong(s_call, new WaitingPlace(1, null, "")).Message, StringComparison.Ordinal);
    }
}
