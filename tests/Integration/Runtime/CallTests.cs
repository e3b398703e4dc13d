using System.Text;
using System.Text.Json;
using System.Threading.Channels;

using ToolRuntime.Bus.Nats;
using ToolRuntime.Bus.Queue;
using ToolRuntime.Bus.Sessions;
using ToolRuntime.Functions;
using ToolRuntime.Runtime;
using ToolRuntime.Tests.Integration.Bus;

namespace ToolRuntime.Tests.Integration.Runtime;

/// <summary>The way of a call through the queue, the runtime, and a real sandbox.</summary>
public sealed class CallTests(RuntimeMachine machine) : IClassFixture<RuntimeMachine>
{
    private const string Add = """
        def add(a: float, b: float) -> float:
            "Adds two numbers."
            return a + b
        """;

    [Fact]
    public async Task APythonFileIsBuiltAndCalled()
    {
        using var deadline = RuntimeMachine.Deadline();
        var version = await machine.DeployAsync("add.py", Add, null, deadline.Token);
        Assert.Equal(("add", "Adds two numbers."), (version.Tools[0].Name, version.Tools[0].Description));
        Assert.Equal(64, version.Digest.Length);

        var ended = await machine.CallAsync(version, """{"a":1,"b":2}""", deadline.Token);

        Assert.Equal(3, ended.Value.GetDouble());
        Assert.Single(ended.Events);
    }

    [Fact]
    public async Task TheSameFilesAreTheSameVersion()
    {
        using var deadline = RuntimeMachine.Deadline();
        var first = await machine.DeployAsync("add.py", Add, null, deadline.Token);
        var second = await machine.DeployAsync("add.py", Add, null, deadline.Token);
        Assert.Equal(first.Digest, second.Digest);
    }

    [Fact]
    public async Task ManyCallsAtOnceAreAllAnsweredWithTheirOwnResult()
    {
        using var deadline = RuntimeMachine.Deadline();
        var version = await machine.DeployAsync("add.py", Add, null, deadline.Token);
        var ended = await Task.WhenAll(Enumerable.Range(0, 300).Select(i => machine.CallAsync(version, $$"""{"a":{{i}},"b":1}""", deadline.Token)));
        Assert.Equal(Enumerable.Range(1, 300), ended.Select(e => (int)e.Value.GetDouble()));
    }

    [Fact]
    public async Task AGeneratorStreamsItsPieces()
    {
        using var deadline = RuntimeMachine.Deadline();
        var version = await machine.DeployAsync("count.py", "def count(n: int):\n    for i in range(n):\n        yield i\n", null, deadline.Token);
        var ended = await machine.CallAsync(version, """{"n":3}""", deadline.Token, InvocationOptions.Stream);
        Assert.Equal(EventKind.Started, ended.Events.First(e => e.Kind != EventKind.Progress).Kind);
        Assert.Equal(["0", "1", "2"], ended.Events.Where(e => e.Kind == EventKind.Output).Select(e => JsonDocument.Parse(e.Data).RootElement.GetProperty("value").ToString()));
        Assert.Equal(EventKind.Completed, ended.Terminal.Kind);
    }

    [Fact]
    public async Task ACancelReachesTheUsersCode()
    {
        using var deadline = RuntimeMachine.Deadline();
        var version = await machine.DeployAsync("wait.py", "import asyncio\nasync def wait() -> str:\n    print('in', flush=True)\n    await asyncio.sleep(600)\n    return 'done'\n", null, deadline.Token);
        var call = RuntimeMachine.Call(version, "wait", "{}"u8.ToArray()) with { Options = InvocationOptions.Stream };
        var ended = await machine.RunAsync(call, deadline.Token, async e =>
        {
            if (e.Kind == EventKind.Log)
            {
                await machine.Bus.Control.SignalAsync(Signals.Cancel(call), deadline.Token);
            }
        });
        Assert.Equal(FaultCode.Cancelled, ended.Fault.Code);
    }

    [Fact]
    public async Task ACancelBeforeTheTakeWorks()
    {
        using var deadline = RuntimeMachine.Deadline();
        var version = await machine.DeployAsync("wait.py", "import asyncio\nasync def wait() -> str:\n    await asyncio.sleep(600)\n    return 'done'\n", null, deadline.Token);
        var call = RuntimeMachine.Call(version, "wait", "{}"u8.ToArray());
        await machine.Bus.Control.SignalAsync(Signals.Cancel(call), deadline.Token);
        Assert.Equal(FaultCode.Cancelled, (await machine.RunAsync(call, deadline.Token)).Fault.Code);
    }

    [Theory]
    [InlineData(InvocationOptions.Keep)]
    [InlineData(InvocationOptions.Keep | InvocationOptions.Stream)]
    [InlineData(InvocationOptions.Job | InvocationOptions.Stream)]
    public async Task ACallThatTwoRuntimesTakeRunsOnce(InvocationOptions options)
    {
        using var deadline = RuntimeMachine.Deadline();
        var version = await machine.DeployAsync("once.py", "import time\ndef once(ctx) -> int:\n    ctx.state.put(f'run-{time.time_ns()}', 1)\n    time.sleep(2)\n    return len(ctx.state.list('run-'))\n", null, deadline.Token);
        await machine.CallAsync(version, "{}", deadline.Token);
        var call = RuntimeMachine.Call(version, "once", "{}"u8.ToArray()) with { Options = options };
        var other = new RuntimeOptions { Pools = [] };
        await using var bus = await machine.ConnectAsync(deadline.Token);
        await using var runtime = machine.NewRuntime(bus, other);
        await runtime.StartAsync(deadline.Token);

        // What a message server that was killed may do: the call stands in the queue for two runtimes, and neither delivery is a second one.
        await bus.Queue.EnqueueAsync(call, other.RuntimeId, deadline.Token);
        var ended = await machine.RunAsync(call, deadline.Token);
        await runtime.StopAsync(CancellationToken.None);

        Assert.True(ended.Terminal.Kind == EventKind.Completed, ended.Json);
        Assert.Equal(1, ended.Value.GetInt32());
    }

    [Fact]
    public async Task TheDeadlineEndsACallThatWaits()
    {
        using var deadline = RuntimeMachine.Deadline();
        var version = await machine.DeployAsync("nap.py", "import time\ndef nap(seconds: int) -> str:\n    time.sleep(seconds)\n    return 'x'\n", null, deadline.Token);
        await machine.CallAsync(version, """{"seconds":0}""", deadline.Token);
        var fault = (await machine.CallForAsync(version, """{"seconds":600}""", TimeSpan.FromSeconds(2), deadline.Token)).Fault;
        Assert.Equal(FaultCode.DeadlineExceeded, fault.Code);
    }

    [Fact]
    public async Task OneSandboxPerCallWhereTheManifestAsksForIt()
    {
        using var deadline = RuntimeMachine.Deadline();
        var version = await machine.DeployAsync("own.py", "calls = 0\ndef own() -> int:\n    global calls\n    calls += 1\n    return calls\n", new { isolation = "request" }, deadline.Token);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(1, (await machine.CallAsync(version, "{}", deadline.Token)).Value.GetInt32());
        }
    }

    [Fact]
    public async Task ASessionKeepsItsSandboxAndAnotherHasItsOwn()
    {
        using var deadline = RuntimeMachine.Deadline();
        var version = await machine.DeployAsync("own.py", "calls = 0\ndef own() -> int:\n    global calls\n    calls += 1\n    return calls\n", new { isolation = "session" }, deadline.Token);
        var (one, other) = (Ids.New(), Ids.New());
        Assert.Equal(1, await CountAsync(one));
        Assert.Equal(2, await CountAsync(one));
        Assert.Equal(1, await CountAsync(other));
        var listed = await machine.Bus.Index.ListAsync(Caller.LocalTenant, one, deadline.Token);
        Assert.Equal([SessionCallState.Completed, SessionCallState.Completed], listed.Select(c => c.State));

        async Task<int> CountAsync(string session) => (await machine.RunAsync(
            RuntimeMachine.Call(version, "own", "{}"u8.ToArray()) with { Session = session, SessionIsExplicit = true }, deadline.Token)).Value.GetInt32();
    }

    [Fact]
    public async Task AnIdleSandboxEnds()
    {
        using var deadline = RuntimeMachine.Deadline();
        var version = await machine.DeployAsync("idle.py", "def idle() -> int:\n    return 1\n", new { pool = new { idleSeconds = 1 } }, deadline.Token);
        var seen = false;
        await machine.RunAsync(RuntimeMachine.Call(version, "idle", "{}"u8.ToArray()) with { Options = InvocationOptions.Stream }, deadline.Token, e =>
        {
            seen |= machine.Runtime.Status.Functions.Any(f => f.Version == version.Digest);
            return Task.CompletedTask;
        });
        Assert.True(seen);
        while (machine.Runtime.Status.Functions.Any(f => f.Version == version.Digest))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), deadline.Token);
        }
    }

    [Fact]
    public async Task AFullPoolAnswersWithThePositionAndTheReason()
    {
        using var deadline = RuntimeMachine.Deadline();
        const string code = "import asyncio\nasync def hold() -> int:\n    print('in', flush=True)\n    await asyncio.sleep(600)\n    return 1\n";
        var version = await machine.DeployAsync("hold.py", code, new { pool = new { max = 1 }, concurrency = 1, timeoutSeconds = 600 }, deadline.Token);
        var began = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var holder = RuntimeMachine.Call(version, "hold", "{}"u8.ToArray()) with { Options = InvocationOptions.Stream };
        var holding = machine.RunAsync(holder, deadline.Token, e =>
        {
            _ = e.Kind == EventKind.Log && began.TrySetResult();
            return Task.CompletedTask;
        });
        await began.Task.WaitAsync(deadline.Token);

        // Nothing frees the sandbox before both have ended, however slow the machine is; the second may even be taken after its deadline.
        var waiting = RuntimeMachine.Call(version, "hold", "{}"u8.ToArray()) with { Deadline = DateTimeOffset.UtcNow.AddSeconds(1) };
        var waited = (await machine.RunAsync(waiting, deadline.Token)).Fault;
        var late = RuntimeMachine.Call(version, "hold", "{}"u8.ToArray()) with { Deadline = DateTimeOffset.UtcNow.AddSeconds(-1) };
        var tooLate = (await machine.RunAsync(late, deadline.Token)).Fault;
        await machine.Bus.Control.SignalAsync(Signals.Cancel(holder), deadline.Token);

        Assert.Equal(FaultCode.Cancelled, (await holding).Fault.Code);
        Assert.All([waited, tooLate], fault => Assert.Equal(FaultCode.PoolExhausted, fault.Code));
        Assert.All([waited, tooLate], fault => Assert.Contains("1 of at most 1 sandboxes are in use; position 1", fault.Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task WhatAFunctionPrintsIsKept()
    {
        using var deadline = RuntimeMachine.Deadline();
        var version = await machine.DeployAsync("say.py", "def say() -> int:\n    print('hello from the sandbox')\n    return 1\n", null, deadline.Token);
        var ended = await machine.CallAsync(version, "{}", deadline.Token);
        await foreach (var line in machine.Bus.Logs.ReadAsync(Caller.LocalTenant, "say", tail: 10, follow: true, deadline.Token))
        {
            if (line.Text == "hello from the sandbox")
            {
                Assert.Equal((ended.Invocation.Id, "stdout"), (line.Invocation, line.Stream));
                return;
            }
        }
    }

    /// <summary>As when in-progress comes too late: the server gives the call to the runtime that runs it.</summary>
    [Fact]
    public async Task ACallThatIsDeliveredAgainWhileItRunsGoesOn()
    {
        using var deadline = RuntimeMachine.Deadline();
        const string code = "from toolruntime import Context\ndef waits(ctx: Context) -> str:\n    return ctx.elicit('When?', {'type': 'object'}).action\n";
        var version = await machine.DeployAsync("waits.py", code, null, deadline.Token);
        await using var watching = await BusServer.ConnectNatsAsync(machine.BusOptions);
        var said = Channel.CreateUnbounded<string>();
        var call = RuntimeMachine.Call(version, "waits", "{}"u8.ToArray()) with { Options = InvocationOptions.Stream | InvocationOptions.CanAsk };

        var ended = await machine.RunAsync(call, deadline.Token, async e =>
        {
            if (e.Kind == EventKind.InputRequired)
            {
                using var sub = watching.Subscribe("$JS.ACK.INVOKE.>", null, m => _ = m.Data.Span.SequenceEqual("+WPI"u8) && said.Writer.TryWrite(m.Subject));
                var delivery = await said.Reader.ReadAsync(deadline.Token);
                await watching.PublishAsync(delivery, "-NAK"u8.ToArray(), default, null, NatsFlush.Now, deadline.Token);
                Assert.Equal(delivery, await said.Reader.ReadAsync(deadline.Token));
                var answer = """{"responses":{"q1":{"action":"accept","content":{}}}}"""u8.ToArray();
                await machine.Bus.Control.SignalAsync(new ControlSignal(call.Caller.Tenant, call.Id, ControlKind.InputResponse, answer), deadline.Token);
            }
        });

        Assert.Equal("accept", ended.Value.GetString());
    }

    [Fact]
    public async Task AResultAboveItsLimitIsRefused()
    {
        using var deadline = RuntimeMachine.Deadline();
        var version = await machine.DeployAsync("big.py", "def big(n: int) -> str:\n    return 'x' * n\n", new { limits = new { resultKiB = 1 } }, deadline.Token);
        Assert.Equal(FaultCode.OutputTooLarge, (await machine.CallAsync(version, """{"n":2000}""", deadline.Token)).Fault.Code);
        Assert.Equal(500, (await machine.CallAsync(version, """{"n":500}""", deadline.Token)).Value.GetString()!.Length);
    }
}

/// <summary>Signals of tests.</summary>
internal static class Signals
{
    public static ControlSignal Cancel(Invocation call) => new(call.Caller.Tenant, call.Id, ControlKind.Cancel, default);
}
