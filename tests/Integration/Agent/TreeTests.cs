using ToolRuntime.Sandbox.Agent;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Tests.Integration.Agent;

/// <summary>The whole tree of a process: signals, deadlines, and what it leaves behind.</summary>
public sealed class TreeTests
{
    private const string Family = "trap '' TERM; setsid bash -c 'echo deep; exec sleep 1000' & (sleep 1000 & exec sleep 1000) & wait";

    [Theory]
    [InlineData(9)]
    [InlineData(15)]
    public async Task ASignalReachesWhatLeftTheSession(int signal)
    {
        using var watch = new EndWatch();
        await using var agent = await AgentAnywhere.StartAsync(sandboxed: false);
        var script = $"exec 9>{watch.Path}; setsid bash -c 'echo deep; exec sleep 1000' & sleep 1000";
        await using var process = await agent.Client.SpawnAsync(AgentOnHost.Bash(script) with { Tag = "t" }, AgentOnHost.Within());
        await AgentAnywhere.UntilAsync(process, "deep");

        await agent.Client.AskAsync(new AgentRequest { Op = AgentOperation.Signal, Tag = "t", Signal = signal }, AgentOnHost.Within());

        await watch.Ended.WaitAsync(AgentOnHost.Within());
        Assert.Equal(new ProcessExit(128 + signal, signal), (await AgentOnHost.ReadToEndAsync(process)).Exit);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task TheDeadlineKillsTheTree(bool sandboxed)
    {
        await using var agent = await AgentAnywhere.StartAsync(sandboxed);
        var spec = AgentOnHost.Bash(Family) with { KillAfter = TimeSpan.FromMilliseconds(300) };
        await using var process = await agent.Client.SpawnAsync(spec, AgentOnHost.Within());

        var (_, _, exit) = await AgentOnHost.ReadToEndAsync(process);

        Assert.Equal(new ProcessExit(137, 9), exit);
        var (left, _, _) = await RunAsync(agent, AgentOnHost.Bash($"cat /proc/[0-9]*/stat 2>/dev/null | while read -r pid name state parent group session rest; do [ $session = {process.ProcessId} ] && [ $state != Z ] && echo $pid; done; true"));
        Assert.Equal("", left);
    }

    [Fact]
    public async Task KeysOfATerminalAreForTheGroup()
    {
        using var watch = new EndWatch();
        await using var agent = await AgentAnywhere.StartAsync(sandboxed: false);
        var script = $"setsid bash -c 'exec 9>{watch.Path}; echo deep; exec sleep 1000' & trap 'echo interrupted; exit 4' INT; while :; do sleep 1000; done";
        await using var process = await agent.Client.SpawnAsync(AgentOnHost.Bash(script) with { Id = "p" }, AgentOnHost.Within());
        await AgentAnywhere.UntilAsync(process, "deep");

        await agent.Client.SignalAsync("p", 2, AgentOnHost.Within());

        Assert.Equal(4, (await AgentOnHost.ReadToEndAsync(process)).Exit.ExitCode);
        Assert.False(watch.Ended.IsCompleted, "What left the session was interrupted too.");
        await RunAsync(agent, AgentOnHost.Bash($"for f in /proc/[0-9]*; do [ $(readlink $f/fd/9) = {watch.Path} ] && kill -9 ${{f#/proc/}}; done 2>/dev/null; true"));
        await watch.Ended.WaitAsync(AgentOnHost.Within());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task WhatAGrandchildPrintsSoonAfterTheEndStillComes(bool sandboxed)
    {
        await using var agent = await AgentAnywhere.StartAsync(sandboxed);

        var (output, _, exit) = await RunAsync(agent, AgentOnHost.Bash("(while kill -0 $$ 2>/dev/null; do :; done; echo late) & echo now; exit 5"));

        Assert.Equal(("now\nlate\n", 5), (output, exit.ExitCode));
    }

    [Theory]
    [InlineData("sleep 1000")]
    [InlineData("yes")]
    public async Task AGrandchildThatHoldsTheOutputDoesNotKeepTheEndAway(string grandchild)
    {
        await using var agent = await AgentAnywhere.StartAsync(sandboxed: true);

        var (output, _, exit) = await RunAsync(agent, AgentOnHost.Bash($"echo now; {grandchild} & exit 6"));

        Assert.StartsWith("now\n", output, StringComparison.Ordinal);
        Assert.Equal(6, exit.ExitCode);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task JobsAreControlledOnATerminal(bool sandboxed)
    {
        await using var agent = await AgentAnywhere.StartAsync(sandboxed);
        var spec = new ProcessSpec
        {
            Arguments = ["/bin/bash", "--norc", "--noprofile", "-i"],
            Environment = new Dictionary<string, string> { ["PS1"] = "ready> ", ["TERM"] = "dumb", ["HISTFILE"] = "" },
            WorkingDirectory = "/tmp",
            Terminal = new TerminalSize(24, 80),
        };
        await using var shell = await agent.Client.SpawnAsync(spec, AgentOnHost.Within());
        var name = new AgentRequest { Op = "", Pid = shell.ProcessId };

        Assert.DoesNotContain("no job control", await AgentAnywhere.UntilAsync(shell, "ready> "), StringComparison.Ordinal);
        await agent.PutAsync(name, "(echo go; exec sleep 1000)\n");
        await AgentAnywhere.UntilAsync(shell, "go\r\n");
        await agent.PutAsync(name, "\x1a");
        await AgentAnywhere.UntilAsync(shell, "ready> ");
        await agent.PutAsync(name, "jobs\n");
        Assert.Contains("Stopped", await AgentAnywhere.UntilAsync(shell, "ready> "), StringComparison.Ordinal);
        await agent.PutAsync(name, "fg\n");
        await AgentAnywhere.UntilAsync(shell, "sleep 1000 )\r\n");
        await agent.PutAsync(name, "\x03");
        await AgentAnywhere.UntilAsync(shell, "ready> ");
        await agent.Client.AskAsync(name with { Op = AgentOperation.Resize, Pty = new AgentTerminal(33, 99) }, AgentOnHost.Within());
        await agent.PutAsync(name, "stty size; exit $?\n");

        Assert.Contains("33 99", (await AgentOnHost.ReadToEndAsync(shell)).Output, StringComparison.Ordinal);
    }

    private static async Task<(string Output, string Error, ProcessExit Exit)> RunAsync(AgentAnywhere agent, ProcessSpec spec)
    {
        await using var process = await agent.Client.SpawnAsync(spec, AgentOnHost.Within());
        return await AgentOnHost.ReadToEndAsync(process);
    }
}
