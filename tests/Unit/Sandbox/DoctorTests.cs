using ToolRuntime.Sandbox.Checks;
using ToolRuntime.Sandbox.Runsc;

namespace ToolRuntime.Tests.Unit.Sandbox;

public sealed class DoctorTests
{
    private static readonly MachineFacts _good = new()
    {
        IsRoot = true,
        Runsc = new RunscBinary("/usr/bin/runsc", RunscBinary.WantedRelease),
        Platform = "auto",
        CgroupVersion = 1,
        CgroupIsWritable = true,
        MountFailure = null,
        MissingTools = [],
        BaseImageIsBuilt = true,
        FreeBytes = 10L << 30,
    };

    [Fact]
    public void AGoodMachineHasNothingToMend() =>
        Assert.All(SandboxDoctor.Judge(_good), check => Assert.Equal(CheckOutcome.Ok, check.Outcome));

    [Fact]
    public void EveryFailureSaysHowToMendIt()
    {
        var bad = _good with { IsRoot = false, CgroupVersion = 0, MountFailure = "denied", MissingTools = ["npm"], BaseImageIsBuilt = false, FreeBytes = 1 };

        var failed = SandboxDoctor.Judge(bad).Where(check => check.Outcome == CheckOutcome.Failed).ToList();

        Assert.Equal(["user", "control groups", "mounts", "image tools", "disk"], failed.Select(check => check.Name));
        Assert.All(failed, check => Assert.False(string.IsNullOrEmpty(check.Mend)));
    }

    [Fact]
    public void AMissingOrOldRunscIsNoFailureForItIsFetched()
    {
        Assert.Equal(CheckOutcome.Warning, Outcome(_good with { Runsc = null }, "runsc"));
        Assert.Equal(CheckOutcome.Warning, Outcome(_good with { Runsc = new RunscBinary("/x", 20221219) }, "runsc"));
        Assert.Equal(CheckOutcome.Warning, Outcome(_good with { MissingTools = ["npm"] }, "image tools"));
        Assert.Equal(CheckOutcome.Failed, Outcome(_good with { CgroupIsWritable = false }, "control groups"));
    }

    private static CheckOutcome Outcome(MachineFacts facts, string name) =>
        SandboxDoctor.Judge(facts).Single(check => check.Name == name).Outcome;
}
