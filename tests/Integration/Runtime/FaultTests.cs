using ToolRuntime.Functions;

namespace ToolRuntime.Tests.Integration.Runtime;

/// <summary>What user code can do wrong, each with the one right outcome, and the function answers the next call all the same.</summary>
public sealed class FaultTests(RuntimeMachine machine) : IClassFixture<RuntimeMachine>
{
    private const string Bad = """
        import ctypes, os, signal, sys, time

        def bad(how: str) -> str:
            if how == "throws":
                raise ValueError("no such thing")
            if how == "exits":
                os._exit(3)
            if how == "segfaults":
                ctypes.string_at(0)
            if how == "killed":
                os.kill(os.getpid(), signal.SIGKILL)
            if how == "bomb":
                while True:
                    try:
                        if os.fork() == 0:
                            time.sleep(30)
                            os._exit(0)
                    except OSError as error:
                        return "stopped: " + type(error).__name__
            if how == "disk":
                with open("/tmp/full", "wb") as file:
                    while True:
                        file.write(b"x" * (1 << 20))
            if how == "memory":
                kept = []
                while True:
                    kept.append(bytearray(16 << 20))
            if how == "prints":
                line = "x" * 1023
                for _ in range(1 << 20):
                    print(line)
            if how == "forever":
                while True:
                    pass
            if how == "deaf":
                signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
                time.sleep(600)
            return how
        """;

    [Theory]
    [InlineData("throws", FaultCode.FunctionThrew, "no such thing")]
    [InlineData("exits", FaultCode.WorkerLost, "exited with code 3")]
    [InlineData("segfaults", FaultCode.WorkerLost, "signal 11")]
    [InlineData("killed", FaultCode.WorkerLost, "signal 9")]
    [InlineData("disk", FaultCode.FunctionThrew, "No space left")]
    [InlineData("memory", FaultCode.FunctionThrew, "MemoryError")]
    public async Task AFaultIsToldAndTheNextCallIsAnswered(string how, FaultCode code, string message)
    {
        using var deadline = RuntimeMachine.Deadline();
        var version = await DeployAsync(deadline.Token);
        var fault = (await machine.CallAsync(version, $$"""{"how":"{{how}}"}""", deadline.Token)).Fault;
        Assert.Equal(code, fault.Code);
        Assert.Contains(message, fault.Message + fault.Detail, StringComparison.Ordinal);
        Assert.Equal("well", (await machine.CallAsync(version, """{"how":"well"}""", deadline.Token)).Value.GetString());
    }

    [Theory]
    [InlineData("forever")]
    [InlineData("deaf")]
    public async Task CodeThatDoesNotListenIsEndedAtItsDeadlineAndTheNextCallIsAnswered(string how)
    {
        using var deadline = RuntimeMachine.Deadline();
        var version = await DeployAsync(deadline.Token);
        await machine.CallAsync(version, """{"how":"well"}""", deadline.Token);
        var fault = (await machine.CallForAsync(version, $$"""{"how":"{{how}}"}""", TimeSpan.FromSeconds(6), deadline.Token)).Fault;
        Assert.Equal(FaultCode.DeadlineExceeded, fault.Code);
        Assert.Contains("did not end within 6 s", fault.Message, StringComparison.Ordinal);
        Assert.Equal("well", (await machine.CallAsync(version, """{"how":"well"}""", deadline.Token)).Value.GetString());
    }

    [Fact]
    public async Task AForkBombOnlyHurtsItself()
    {
        using var deadline = RuntimeMachine.Deadline();
        var version = await machine.DeployAsync("bad.py", Bad, new { limits = new { memoryMiB = 1024, processes = 24 } }, deadline.Token);
        Assert.Equal("stopped: BlockingIOError", (await machine.CallAsync(version, """{"how":"bomb"}""", deadline.Token)).Value.GetString());
    }

    [Fact]
    public async Task AGigabyteOfOutputIsCutAndMarked()
    {
        using var deadline = RuntimeMachine.Deadline();
        var version = await machine.DeployAsync("bad.py", Bad, new { limits = new { outputKiB = 64 } }, deadline.Token);
        var ended = await machine.CallAsync(version, """{"how":"prints"}""", deadline.Token, InvocationOptions.Stream);
        Assert.Equal("prints", ended.Value.GetString());
        Assert.InRange(ended.Events.Sum(e => (long)e.Data.Length), 1, 256 << 10);
        Assert.Contains(ended.Events, e => e.Kind == EventKind.Log && System.Text.Encoding.UTF8.GetString(e.Data.Span).Contains("truncated", StringComparison.Ordinal));
    }

    [Fact]
    public async Task ARepeatableCallIsRepeatedOnAFreshSandbox()
    {
        using var deadline = RuntimeMachine.Deadline();
        const string code = """
            import os
            def once(ctx) -> int:
                if ctx.attempt == 1:
                    os._exit(9)
                return ctx.attempt
            """;
        var version = await machine.DeployAsync("once.py", code, new { retry = "safe" }, deadline.Token);
        Assert.Equal(2, (await machine.CallAsync(version, "{}", deadline.Token)).Value.GetInt32());
    }

    [Fact]
    public async Task ACheckpointedCallGoesOnFromItsCheckpoint()
    {
        using var deadline = RuntimeMachine.Deadline();
        const string code = """
            import os
            def steps(ctx) -> str:
                if ctx.previous_checkpoint is None:
                    ctx.checkpoint({"step": 7})
                    os._exit(9)
                return "from " + str(ctx.previous_checkpoint["step"])
            """;
        var version = await machine.DeployAsync("steps.py", code, null, deadline.Token);
        Assert.Equal("from 7", (await machine.CallAsync(version, "{}", deadline.Token)).Value.GetString());
    }

    [Fact]
    public async Task NeighboursOfAKilledWorkerAreLostOrRepeated()
    {
        using var deadline = RuntimeMachine.Deadline();
        var version = await machine.DeployAsync("bad.py", Bad, null, deadline.Token);
        var neighbour = machine.CallAsync(version, """{"how":"deaf"}""", deadline.Token);
        while (machine.Runtime.Status.Functions.FirstOrDefault(f => f.Version == version.Digest) is not { InFlight: 1, Sandboxes: 1 })
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), deadline.Token);
        }

        var culprit = await machine.CallAsync(version, """{"how":"exits"}""", deadline.Token);
        Assert.Equal(FaultCode.WorkerLost, culprit.Fault.Code);
        Assert.Equal(FaultCode.WorkerLost, (await neighbour).Fault.Code);
    }

    private Task<FunctionVersion> DeployAsync(CancellationToken cancellationToken) =>
        machine.DeployAsync("bad.py", Bad, new { limits = new { memoryMiB = 256, processes = 64, scratchMiB = 8 } }, cancellationToken);
}
