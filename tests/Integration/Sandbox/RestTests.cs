using System.Text;

using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Pools;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Tests.Integration.Sandbox;

/// <summary>Sandboxes that rest: they stand still on the host while nothing runs in them, and miss nothing.</summary>
public sealed class RestTests : IAsyncLifetime
{
    private const int Looks = 200;
    private readonly CancellationTokenSource _deadline = SandboxMachine.Deadline();
    private SandboxMachine _machine = null!;
    private ISandboxLease _lease = null!;

    private CancellationToken Within => _deadline.Token;

    private bool IsStopped => ProcessState.StoppedIn(_machine.Options.WorkFolder) == 1;

    public async ValueTask InitializeAsync()
    {
        _machine = await SandboxMachine.StartAsync(null, Within);
        _lease = await _machine.Pools.LeaseAsync(new LeaseRequest(SandboxMachine.Python, "local", new FunctionLimits(), []) { Rests = true }, null, Within);
    }

    [Fact]
    public async Task WhatWaitsByTheClockComesThoughItStoodStill()
    {
        await using var sleeper = await _lease.Agent.SpawnAsync(new ProcessSpec { Arguments = ["sh", "-c", "sleep 4; echo awake"] }, Within);
        await UntilStoppedAsync();

        Assert.Equal("awake\n", await ReadAsync(sleeper));
        Assert.Null(await sleeper.ReadAsync(Within));
        Assert.Equal(0, sleeper.Exit!.Value.ExitCode);
        await UntilStoppedAsync();
    }

    [Fact]
    public async Task ItGoesOnForMomentsOnly()
    {
        await UntilStoppedAsync();
        var stopped = 0;
        for (var i = 0; i < Looks; i++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), Within);
            stopped += IsStopped ? 1 : 0;
        }

        Assert.InRange(stopped, Looks * 3 / 4, Looks);
    }

    [Fact]
    public async Task WhatIsSentOnAnOpenStreamWakesIt()
    {
        await using var cat = await _lease.Agent.SpawnAsync(new ProcessSpec { Arguments = ["cat"], StandardInput = true }, Within);
        for (var i = 0; i < 3; i++)
        {
            await UntilStoppedAsync();
            await cat.WriteAsync(Encoding.UTF8.GetBytes($"line {i}\n"), Within);
            Assert.Equal($"line {i}\n", await ReadAsync(cat));
        }
    }

    [Fact]
    public async Task OneInWhichSomethingRunsDoesNotStandStill()
    {
        await using var ticking = await _lease.Agent.SpawnAsync(new ProcessSpec { Arguments = ["sh", "-c", "while :; do sleep 0.05; done"] }, Within);
        for (var i = 0; i < Looks; i++)
        {
            Assert.False(IsStopped);
            await Task.Delay(TimeSpan.FromMilliseconds(20), Within);
        }
    }

    [Fact]
    public async Task OneThatRestsCanBeSuspended()
    {
        await UntilStoppedAsync();
        var folder = Path.Combine(_machine.Folder, "checkpoint");
        await _lease.CheckpointAsync(folder, Within);
        Assert.Equal(SandboxEnd.Suspended, await _lease.Ended);

        _lease = await _machine.Pools.RestoreAsync(folder, new RestoreRequest("local", new FunctionLimits()) { Rests = true }, Within);
        await UntilStoppedAsync();
        Assert.Equal((0, "3\n"), await SandboxMachine.RunAsync(_lease, Within, "python3", "-c", "print(1 + 2)"));
    }

    public async ValueTask DisposeAsync()
    {
        await _lease.DisposeAsync();
        await _machine.DisposeAsync();
        _deadline.Dispose();
    }

    private async Task<string> ReadAsync(AgentProcess process) => Encoding.UTF8.GetString((await process.ReadAsync(Within))!.Value.Data.Span);

    private async Task UntilStoppedAsync()
    {
        while (!IsStopped)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), Within);
        }
    }
}
