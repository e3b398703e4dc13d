using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Pools;

namespace ToolRuntime.Tests.Integration.Sandbox;

/// <summary>Runs alone: it counts the descriptors of this process, which others open too.</summary>
[Collection(Alone.Name)]
public sealed class LeakTests
{
    // Large enough to be mounted: what is copied leaves nothing on the host to forget.
    private static readonly string s_large = new('y', 100_000);

    private const int Cycles = 50;

    [Fact]
    public async Task FiftySandboxesLeaveNothing()
    {
        using var deadline = SandboxMachine.Deadline();
        var machine = await SandboxMachine.StartAsync(null, deadline.Token);
        var work = machine.Options.WorkFolder;
        var layer = machine.Layer(LayerKind.Code, "x", s_large);
        await CycleAsync(machine, layer, deadline.Token);
        var before = HostFootprint.Of(work);
        var descriptors = Descriptors();

        for (var i = 0; i < Cycles; i++)
        {
            await CycleAsync(machine, layer, deadline.Token);
        }

        Assert.Equal(before, HostFootprint.Of(work));
        Assert.InRange(Descriptors(), 0, descriptors + 4);
        Assert.Equal(new HostFootprint(0, 2, 0, 0), before);
        await machine.DisposeAsync();
        Assert.Equal(new HostFootprint(0, 0, 0, 0), HostFootprint.Of(work));
    }

    [Fact]
    public async Task AWarmPoolIsEmptyAfterItsIdleTimeAndAfterTheEnd()
    {
        using var deadline = SandboxMachine.Deadline();
        var machine = await SandboxMachine.StartAsync(options => options with { WarmTarget = 1, WarmIdle = TimeSpan.FromSeconds(20) }, deadline.Token);
        var work = machine.Options.WorkFolder;

        machine.Pools.Expect(SandboxMachine.Bare);
        await machine.UntilWarmAsync(SandboxMachine.Bare, 1, deadline.Token);
        await machine.UntilWarmAsync(SandboxMachine.Bare, 0, deadline.Token);
        while (HostFootprint.Of(work) != new HostFootprint(0, 2, 0, 0))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), deadline.Token);
        }

        machine.Pools.Expect(SandboxMachine.Bare);
        await machine.UntilWarmAsync(SandboxMachine.Bare, 1, deadline.Token);
        await machine.DisposeAsync();
        Assert.Equal(new HostFootprint(0, 0, 0, 0), HostFootprint.Of(work));
    }

    private static async Task CycleAsync(SandboxMachine machine, LayerReference layer, CancellationToken cancellationToken)
    {
        ISandboxLease lease;
        await using (lease = await machine.LeaseAsync(SandboxMachine.Bare, cancellationToken, layer))
        {
            Assert.Equal((0, s_large), await SandboxMachine.RunAsync(lease, cancellationToken, "cat", "/layers/code/x"));
        }

        Assert.Equal(SandboxEnd.Released, await lease.Ended);
    }

    private static int Descriptors() => Directory.GetFileSystemEntries("/proc/self/fd").Length;
}
