using ToolRuntime.Functions;
using ToolRuntime.Runtime.Sandboxes;
using ToolRuntime.Sandbox.Agent;
using ToolRuntime.Sandbox.Pools;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Tests.Unit.Runtime;

public sealed class SandboxDecisionsTests
{
    private static readonly GrowthView s_view = new(
        Shared: true, Waiting: 1, OldestWait: TimeSpan.Zero, Live: 0, Booting: 0, Total: 0, Maximum: 8, Concurrency: 16, HostIsBusy: false);

    [Fact]
    public void TheFirstCallGetsASandboxAtOnce() => Assert.True(SandboxDecisions.ShouldBoot(s_view with { HostIsBusy = true }));

    [Fact]
    public void NobodyWaitingNeedsNone() => Assert.False(SandboxDecisions.ShouldBoot(s_view with { Waiting = 0 }));

    [Fact]
    public void TheMaximumHolds() => Assert.False(SandboxDecisions.ShouldBoot(s_view with { Total = 8 }));

    [Fact]
    public void ABootThatWillServeAllThatWaitIsEnough() =>
        Assert.False(SandboxDecisions.ShouldBoot(s_view with { Live = 1, Booting = 1, Total = 2, Waiting = 16, OldestWait = TimeSpan.FromSeconds(9) }));

    [Fact]
    public void TheFirstBootIsWaitedFor() =>
        Assert.False(SandboxDecisions.ShouldBoot(s_view with { Booting = 1, Total = 1, Waiting = 999, OldestWait = TimeSpan.FromSeconds(9) }));

    [Fact]
    public void ASessionNeverGetsASecondOne() =>
        Assert.False(SandboxDecisions.ShouldBoot(s_view with { Shared = false, Live = 1, Total = 1, Waiting = 99, OldestWait = TimeSpan.FromSeconds(9) }));

    [Theory]
    [InlineData(900, false, false)]
    [InlineData(1_000, false, true)]
    [InlineData(1_900, true, false)]
    [InlineData(2_000, true, true)]
    public void AQueueThatDrainsIsNoReasonToBoot(int waitedMs, bool busy, bool expected) =>
        Assert.Equal(expected, SandboxDecisions.ShouldBoot(s_view with { Live = 1, Total = 1, Waiting = 20, OldestWait = TimeSpan.FromMilliseconds(waitedMs), HostIsBusy = busy }));

    [Theory]
    [InlineData(299, 1, 0, false)]
    [InlineData(300, 1, 0, true)]
    [InlineData(9_999, 2, 2, false)]
    [InlineData(9_999, 3, 2, true)]
    public void AnIdleOneEndsAfterItsTimeUnlessItIsToStay(int idleSeconds, int live, int minimum, bool expected) =>
        Assert.Equal(expected, SandboxDecisions.ShouldEnd(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddSeconds(idleSeconds), new PoolSettings(), live, minimum));

    [Theory]
    [InlineData(0, 0, true)]
    [InlineData(1, 0.9, false)]
    [InlineData(1, 1, true)]
    [InlineData(4, 7.9, false)]
    [InlineData(4, 8, true)]
    [InlineData(1_000, 59, false)]
    [InlineData(1_000, 60, true)]
    public void AfterFailedBootsAStandingOneIsTriedEverMoreSeldom(int failures, double seconds, bool expected) =>
        Assert.Equal(expected, SandboxDecisions.MayTryAgain(failures, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddSeconds(seconds)));

    [Fact]
    public void ALossSaysWhatItWas()
    {
        Assert.Equal(FaultCode.SandboxOutOfMemory, SandboxDecisions.Loss(SandboxEnd.OutOfMemory, null, "", 128).Code);
        Assert.Equal(FaultCode.SandboxLost, SandboxDecisions.Loss(SandboxEnd.Lost, new ProcessExit(137, 9), "", 128).Code);
        Assert.Contains("signal 11 (segmentation fault)", SandboxDecisions.Loss(null, new ProcessExit(139, 11), "", 128).Message, StringComparison.Ordinal);
        Assert.Contains("code 3", SandboxDecisions.Loss(null, new ProcessExit(3, 0), "", 128).Message, StringComparison.Ordinal);
        Assert.Contains("bad frame", SandboxDecisions.Loss(null, null, "bad frame", 128).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void HostLoadReadsTheFirstLineOfStat() => Assert.Equal((350, 1000), HostLoad.Read("cpu  400 50 150 300 50 25 25 0 7 7"));
}
