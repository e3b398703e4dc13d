using System.Diagnostics;

using ToolRuntime.Sandbox.Agent;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Tests.Integration.Agent;

/// <summary>The agent where it lives: PID 1 in gVisor.</summary>
public sealed class SandboxTests
{
    [Fact]
    public async Task ChildrenHaveNoPrivilegeAndCannotTouchPidOne()
    {
        await using var agent = await AgentInSandbox.StartAsync();

        await using var process = await agent.Client.SpawnAsync(
            AgentOnHost.Bash("id -u; grep -E 'CapBnd|CapEff|CapPrm' /proc/self/status | tr -d '\\t'; kill -0 1 2>/dev/null || echo cannot signal; (: 2>/dev/null </proc/1/fd/0) || echo cannot read; (: 2>/dev/null >/proc/1/fd/1) || echo cannot write"),
            AgentOnHost.Within());

        Assert.Equal(
            "1000\nCapPrm:0000000000000000\nCapEff:0000000000000000\nCapBnd:0000000000000000\ncannot signal\ncannot read\ncannot write\n",
            (await AgentOnHost.ReadToEndAsync(process)).Output);
    }

    [Fact]
    public async Task OrphansAreReaped()
    {
        await using var agent = await AgentInSandbox.StartAsync();
        await using var process = await agent.Client.SpawnAsync(
            AgentOnHost.Bash("(setsid true &); (true & ); for i in 1 2 3 4 5 6 7 8 9; do bash -c 'true & exit'; done; read -r line; while cat /proc/[0-9]*/stat 2>/dev/null | grep -q ' Z '; do :; done; echo 0") with { StandardInput = true },
            AgentOnHost.Within());

        await agent.Client.PingAsync(AgentOnHost.Within());
        await process.WriteAsync("\n"u8.ToArray(), AgentOnHost.Within());

        Assert.Equal("0\n", (await AgentOnHost.ReadToEndAsync(process)).Output);
    }

    [Fact]
    public async Task ATerminalIsOne()
    {
        await using var agent = await AgentInSandbox.StartAsync();
        var spec = AgentOnHost.Bash("tty; stty size; id -u") with { Terminal = new TerminalSize(24, 80) };

        await using var process = await agent.Client.SpawnAsync(spec, AgentOnHost.Within());

        Assert.Matches("^/dev/pts/[0-9]+\r\n24 80\r\n1000\r\n$", (await AgentOnHost.ReadToEndAsync(process)).Output);
    }

    [Fact]
    public async Task ATerminalKeepsItsSizeWhereALineEditorWritesBackTheOneBefore()
    {
        await using var agent = await AgentInSandbox.StartAsync();
        const string editor = "s=$(stty size); echo deep; read -r go; stty rows ${s% *} cols ${s#* }; until [ \"$(stty size)\" = '50 132' ]; do :; done; stty size";
        await using var process = await agent.Client.SpawnAsync(AgentOnHost.Bash(editor) with { Terminal = new TerminalSize(24, 80) }, AgentOnHost.Within());
        await AgentAnywhere.UntilAsync(process, "deep");

        await process.ResizeAsync(new TerminalSize(50, 132), AgentOnHost.Within());
        await process.WriteAsync("\n"u8.ToArray(), AgentOnHost.Within());

        Assert.EndsWith("50 132\r\n", (await AgentOnHost.ReadToEndAsync(process)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OneCheckpointRestoresTwiceAndTheWorkerAnswersInBoth()
    {
        var agent = await AgentInSandbox.StartAsync();
        var pid = await agent.Client.StartWorkerAsync(AgentOnHost.Bash("n=0; while read -r line <&3; do n=$((n+1)); echo \"$BASHPID $n $line\" >&4; done") with { Id = "w" }, AgentOnHost.Within());
        var worker = await agent.Client.OpenWorkerAsync("w", AgentOnHost.Within());
        Assert.Equal($"{pid} 1 before", await WorkerTests.AskAsync(worker, "before"));

        var image = await agent.CheckpointAsync();

        for (var epoch = 2UL; epoch <= 3; epoch++)
        {
            await using var restored = await agent.RestoreAsync(image, epoch);
            await using var again = await restored.Client.OpenWorkerAsync("w", AgentOnHost.Within());
            Assert.Equal($"{pid} 2 after", await WorkerTests.AskAsync(again, "after"));
            Assert.Equal($"{pid} 3 more", await WorkerTests.AskAsync(again, "more"));
        }
    }
}
