using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Agent;
using ToolRuntime.Sandbox.Pools;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Tests.Integration.Sandbox;

public sealed class LimitTests : IAsyncLifetime
{
    private readonly CancellationTokenSource _deadline = SandboxMachine.Deadline();
    private SandboxMachine _machine = null!;

    public async ValueTask InitializeAsync() => _machine = await SandboxMachine.StartAsync(null, _deadline.Token);

    public async ValueTask DisposeAsync()
    {
        await _machine.DisposeAsync();
        _deadline.Dispose();
    }

    [Fact]
    public async Task MemoryAboveTheLimitEndsTheSandboxAsOutOfMemory()
    {
        var limits = new FunctionLimits { MemoryMiB = 64 };
        await using var lease = await _machine.Pools.LeaseAsync(new LeaseRequest(SandboxMachine.Bare, "local", limits, []), null, _deadline.Token);

        await using var eater = await lease.Agent.SpawnAsync(
            new ProcessSpec { Arguments = ["python3", "-c", "b = bytearray(400 << 20)\nfor i in range(0, len(b), 4096): b[i] = 1\nprint(len(b))"] }, _deadline.Token);

        Assert.Equal(SandboxEnd.OutOfMemory, await lease.Ended.WaitAsync(_deadline.Token));
    }

    [Fact]
    public async Task AForkBombMeetsItsOwnLimitAndTheSandboxLives()
    {
        await using var lease = await _machine.LeaseAsync(SandboxMachine.Bare, _deadline.Token);
        const string Bomb = "import os, errno\nn = 0\ntry:\n  while True:\n    if os.fork() == 0: os.pause() if hasattr(os, 'pause') else __import__('signal').pause()\n    n += 1\nexcept OSError as e:\n  print(errno.errorcode[e.errno], n)\nos.killpg(0, 9)";

        var (_, output) = await SandboxMachine.RunAsync(
            lease, new ProcessSpec { Arguments = ["python3", "-c", Bomb.Replace("os.killpg(0, 9)", "import sys; sys.stdout.flush(); os.killpg(0, 9)", StringComparison.Ordinal)], Limits = new ProcessLimits { Processes = 32 } }, _deadline.Token);

        Assert.StartsWith("EAGAIN", output, StringComparison.Ordinal);
        Assert.Equal((0, "alive\n"), await SandboxMachine.RunAsync(lease, _deadline.Token, "echo", "alive"));
    }

    [Fact]
    public async Task ScratchEndsAtItsSize()
    {
        var limits = new FunctionLimits { ScratchMiB = 4 };
        await using var lease = await _machine.Pools.LeaseAsync(new LeaseRequest(SandboxMachine.Bare, "local", limits, []), null, _deadline.Token);

        foreach (var folder in new[] { "/tmp", "/home/user", "/dev/shm" })
        {
            var (code, output) = await SandboxMachine.RunAsync(lease, _deadline.Token, "dd", "if=/dev/zero", $"of={folder}/fill", "bs=1M", "count=16");
            Assert.NotEqual(0, code);
            Assert.Contains("No space left on device", output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task TheWaitingAreToldTheirPlaceAndAFullPoolSaysSo()
    {
        await using var small = await SandboxMachine.StartAsync(options => options with { MaximumSandboxes = 1 }, _deadline.Token);
        var first = await small.LeaseAsync(SandboxMachine.Bare, _deadline.Token);
        var places = new Places();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(_deadline.Token);
        var second = small.Pools.LeaseAsync(new LeaseRequest(SandboxMachine.Bare, "local", new FunctionLimits(), []), places, patience.Token).AsTask();
        var third = small.Pools.LeaseAsync(new LeaseRequest(SandboxMachine.Bare, "local", new FunctionLimits(), []), null, _deadline.Token).AsTask();

        Assert.Equal(1, (await places.First.WaitAsync(_deadline.Token)).Position);
        await patience.CancelAsync();
        var fault = await Assert.ThrowsAsync<FunctionFaultException>(() => second);
        Assert.Equal(FaultCode.PoolExhausted, fault.Fault.Code);
        Assert.Contains("position 1", fault.Message, StringComparison.Ordinal);

        await first.DisposeAsync();
        await using var next = await third;
        Assert.Equal((0, "next\n"), await SandboxMachine.RunAsync(next, _deadline.Token, "echo", "next"));
    }

    private sealed class Places : IProgress<WaitingPlace>
    {
        private readonly TaskCompletionSource<WaitingPlace> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<WaitingPlace> First => _first.Task;

        public void Report(WaitingPlace value) => _first.TrySetResult(value);
    }
}
