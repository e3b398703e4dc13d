using ToolRuntime.Sandbox.Pools;

namespace ToolRuntime.Tests.Integration.Sandbox;

/// <summary>Sandboxes that nobody uses stand still on the host, and go on as if nothing had been.</summary>
public sealed class FreezeTests
{
    [Fact]
    public async Task AWarmSandboxStandsStillUntilItIsUsed()
    {
        using var deadline = SandboxMachine.Deadline();
        await using var machine = await SandboxMachine.StartAsync(options => options with { WarmTarget = 1 }, deadline.Token);
        machine.Pools.Expect(SandboxMachine.Python);
        await machine.UntilWarmAsync(SandboxMachine.Python, 1, deadline.Token);
        await UntilAsync(() => ProcessState.StoppedIn(machine.Options.WorkFolder) == 1, deadline.Token);

        await using var lease = await machine.LeaseAsync(SandboxMachine.Python, deadline.Token);
        Assert.True(lease.IsFrozen);
        Assert.Equal((0, "3\n"), await SandboxMachine.RunAsync(lease, deadline.Token, "python3", "-c", "print(1 + 2)"));
        Assert.False(lease.IsFrozen);
    }

    [Fact]
    public async Task OneThatWasFrozenKeepsWhatItRanAndEndsLikeAnyOther()
    {
        using var deadline = SandboxMachine.Deadline();
        await using var machine = await SandboxMachine.StartAsync(null, deadline.Token);
        var lease = await machine.LeaseAsync(SandboxMachine.Python, deadline.Token);
        await using var counting = await lease.Agent.SpawnAsync(
            new() { Arguments = ["sh", "-c", "i=0; while :; do i=$((i+1)); echo $i > /tmp/count; done"] }, deadline.Token);

        // gVisor's own start goes on for some milliseconds after the agent's answer.
        await UntilAsync(
            () =>
            {
                lease.Freeze();
                return lease.IsFrozen;
            },
            deadline.Token);

        // Its threads stop one by one.
        await UntilAsync(() => ProcessState.StoppedIn(machine.Options.WorkFolder) == 1, deadline.Token);

        // A ping is use, and so answered.
        await lease.Agent.PingAsync(deadline.Token);
        Assert.Equal(0, ProcessState.StoppedIn(machine.Options.WorkFolder));
        lease.Freeze();
        lease.Freeze();
        Assert.Equal(0, (await SandboxMachine.RunAsync(lease, deadline.Token, "test", "-e", "/tmp/count")).Code);

        lease.Freeze();
        await lease.DisposeAsync();
        Assert.Equal(SandboxEnd.Released, await lease.Ended);
        Assert.Empty(HostFootprint.ProcessesOf(machine.Options.WorkFolder));
    }

    private static async Task UntilAsync(Func<bool> isSo, CancellationToken cancellationToken)
    {
        while (!isSo())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), cancellationToken);
        }
    }
}
