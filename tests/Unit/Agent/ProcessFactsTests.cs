using FsCheck;
using FsCheck.Fluent;

using ToolRuntime.Sandbox.Agent.Processes;

namespace ToolRuntime.Tests.Unit.Agent;

/// <summary>Who belongs to whom by /proc, and how long the ended are known.</summary>
public sealed class ProcessFactsTests
{
    [Fact]
    public void AProgramsNameMayHoldAnything() =>
        Assert.Equal(new ProcessFacts(42, 'S', 7, 42, 40), ProcessFacts.Read("42 (a) S 1 (b) S 7 42 40 0 -1 4194304 0"));

    [Fact]
    public void AnyTextIsReadOrNone() => Prop.ForAll<NonNull<string>>(text =>
    {
        _ = ProcessFacts.Read(text.Get);
        _ = ProcessFacts.Read($"1 ({text.Get}) {text.Get}");
        return true;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void ATreeIsTheSessionTheGroupAndAllThatDescends()
    {
        ProcessFacts[] all =
        [
            new(10, 'S', 1, 10, 10),
            new(11, 'S', 10, 11, 10),
            new(12, 'S', 1, 12, 10),
            new(20, 'S', 12, 20, 20),
            new(21, 'S', 20, 21, 21),
            new(30, 'S', 1, 30, 30),
            new(31, 'S', 30, 31, 30),
        ];

        Assert.Equal([10, 11, 12, 20, 21], ProcessFacts.Tree(10, all).Order());
        Assert.Equal([99], ProcessFacts.Tree(99, all));
    }

    [Fact]
    public void WhatIsNoLongerAProcessIsNone() => Assert.Null(ProcessFacts.Read("0 (stty) Z 785 0 0 0 -1 0 0"));

    [Fact]
    public void ACircleOfParentsEnds() => Assert.Equal([1, 2], ProcessFacts.Tree(1, [new(1, 'S', 2, 0, 0), new(2, 'S', 1, 0, 0)]).Order());

    [Fact]
    public void AnExitCanBeHadFor30SecondsUnlessManyFollow()
    {
        Assert.False(Retention.IsOver(completedAt: 1000, now: 31_000, newer: 0));
        Assert.True(Retention.IsOver(completedAt: 1000, now: 31_001, newer: 0));
        Assert.False(Retention.IsOver(completedAt: null, now: 1_000_000, newer: 0));
        Assert.True(Retention.IsOver(completedAt: null, now: 0, newer: Retention.MostEnded));
    }
}
