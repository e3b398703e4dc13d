using FsCheck;
using FsCheck.Fluent;

using ToolRuntime.Sandbox.Pools;

namespace ToolRuntime.Tests.Unit.Sandbox;

public sealed class PoolSizingTests
{
    private static readonly DateTimeOffset _now = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);
    private static readonly PoolRules _rules = new(Maximum: 8, WarmTarget: 2, WarmIdle: TimeSpan.FromMinutes(5));

    [Fact]
    public void SparesWaitForWhoJustAsked()
    {
        var asked = new PoolState(0, 0, 0, _now, SparesFrom: _now.AddMilliseconds(100));

        Assert.Equal([new PoolChange(0, 0)], PoolSizing.Plan([asked], 1, _rules, _now));
        Assert.Equal([new PoolChange(2, 0)], PoolSizing.Plan([asked], 1, _rules, _now.AddMilliseconds(100)));
        Assert.Equal([new PoolChange(1, 0)], PoolSizing.Plan([asked with { Waiting = 1 }], 0, _rules, _now.AddMilliseconds(100)));
    }

    [Fact]
    public void NothingStandsBeforeTheFirstDemand() =>
        Assert.Equal([new PoolChange(0, 0)], PoolSizing.Plan([new PoolState(0, 0, 0, null)], 0, _rules, _now));

    [Fact]
    public void DemandBringsTheTargetAndEachLeaseItsReplacement()
    {
        Assert.Equal([new PoolChange(2, 0)], PoolSizing.Plan([new PoolState(0, 0, 0, _now)], 0, _rules, _now));
        Assert.Equal([new PoolChange(1, 0)], PoolSizing.Plan([new PoolState(1, 0, 0, _now)], 1, _rules, _now));
        Assert.Equal([new PoolChange(0, 0)], PoolSizing.Plan([new PoolState(1, 1, 0, _now)], 1, _rules, _now));
    }

    [Fact]
    public void AfterTheIdleTimeNothingIsLeft()
    {
        var last = _now - _rules.WarmIdle;

        Assert.Equal([new PoolChange(0, 2)], PoolSizing.Plan([new PoolState(2, 0, 0, last)], 0, _rules, _now));
        Assert.Equal([new PoolChange(0, 0)], PoolSizing.Plan([new PoolState(2, 0, 0, last.AddTicks(1))], 0, _rules, _now));
    }

    [Fact]
    public void WaitingCallersComeBeforeSparesOfAnotherPool()
    {
        var plan = PoolSizing.Plan([new PoolState(0, 0, 0, _now), new PoolState(0, 0, 3, _now)], 5, _rules, _now);

        Assert.Equal([new PoolChange(0, 0), new PoolChange(3, 0)], plan);
    }

    [Fact]
    public void ASpareGivesWayToACallerOfAnotherPool()
    {
        var plan = PoolSizing.Plan([new PoolState(2, 0, 0, _now), new PoolState(0, 0, 1, _now)], 6, _rules, _now);

        Assert.Equal([new PoolChange(0, 1), new PoolChange(1, 0)], plan);
    }

    [Fact]
    public void AnEstimateNeedsABootThatWasTimedAndOneUnderWay()
    {
        Assert.Null(PoolSizing.Estimate(1, booting: 1, parallel: 2, bootTime: null));
        Assert.Null(PoolSizing.Estimate(1, booting: 0, parallel: 2, bootTime: TimeSpan.FromSeconds(1)));
        Assert.Equal(TimeSpan.FromSeconds(1), PoolSizing.Estimate(2, booting: 4, parallel: 2, bootTime: TimeSpan.FromSeconds(1)));
        Assert.Equal(TimeSpan.FromSeconds(2), PoolSizing.Estimate(3, booting: 4, parallel: 2, bootTime: TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void NoPlanEverPassesTheMaximumOrEndsWhatIsNotThere()
    {
        var pool = from warm in Gen.Choose(0, 4)
                   from booting in Gen.Choose(0, 4)
                   from waiting in Gen.Choose(0, 6)
                   from idle in Gen.Choose(0, 600)
                   select new PoolState(warm, booting, waiting, idle == 0 ? null : _now.AddSeconds(-idle));
        var cases = from pools in pool.ListOf(3)
                    from leased in Gen.Choose(0, 8)
                    select (Pools: pools, Leased: leased);
        Prop.ForAll(cases.ToArbitrary(), one =>
        {
            var plan = PoolSizing.Plan([.. one.Pools], one.Leased, _rules, _now);
            var before = one.Leased + one.Pools.Sum(state => state.Warm + state.Booting);
            var after = before + plan.Sum(change => change.Boot - change.End);
            return plan.All(change => change.Boot >= 0 && change.End >= 0)
                && one.Pools.Zip(plan).All(pair => pair.Second.End <= pair.First.Warm)
                && (after <= _rules.Maximum || plan.All(change => change.Boot == 0));
        }).QuickCheckThrowOnFailure();
    }
}
