using ToolRuntime.Sandbox.Agent;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Tests.Integration.Agent;

/// <summary>Processes that several talk to: streams, standard input, tags, exits.</summary>
public sealed class AttachTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task EveryStreamGetsAllFromItsBeginningAndTheExit(bool sandboxed)
    {
        await using var agent = await AgentAnywhere.StartAsync(sandboxed);
        var spec = AgentOnHost.Bash("echo one; read line; head -c 300000 /dev/zero; echo $line; exit 3") with { Tag = "t", StandardInput = true };
        await using var first = await agent.Client.SpawnAsync(spec, AgentOnHost.Within());
        Assert.Equal("one\n", await AgentAnywhere.UntilAsync(first, "\n"));
        await using var second = await agent.AttachAsync(new AgentRequest { Op = "", Tag = "t" });
        await using var third = await agent.AttachAsync(new AgentRequest { Op = "", Pid = first.ProcessId });

        await agent.PutAsync(new AgentRequest { Op = "", Tag = "t" }, "go\n");
        var ends = await Task.WhenAll(new[] { first, second, third }.Select(AgentOnHost.ReadToEndAsync));

        Assert.Equal(first.Id, second.Id);
        Assert.All(ends, end => Assert.Equal((300_003, "go\n", 3), (end.Output.Length, end.Output[300_000..], end.Exit.ExitCode)));
    }

    [Fact]
    public async Task ADeadStreamIsForgottenAndASlowOneSlowsTheProcess()
    {
        await using var agent = await AgentAnywhere.StartAsync(sandboxed: false);
        var spec = AgentOnHost.Bash("read line; head -c 3000000 /dev/zero") with { StandardInput = true, Id = "p" };
        await using var reads = await agent.Client.SpawnAsync(spec, AgentOnHost.Within());
        var stuck = await agent.AttachAsync(new AgentRequest { Op = "", Id = "p" });
        await agent.PutAsync(new AgentRequest { Op = "", Id = "p" }, "go\n");

        var read = AgentOnHost.ReadToEndAsync(reads);
        Assert.NotNull(await stuck.ReadAsync(AgentOnHost.Within()));
        Assert.False(read.IsCompleted, "The process wrote more than the windows of a reader that does not read.");
        await stuck.DisposeAsync();

        Assert.Equal(3_000_000, (await read).Output.Length);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task WhatNobodyReadsIsKeptOrDropped(bool keeps)
    {
        using var watch = new EndWatch();
        await using var agent = await AgentAnywhere.StartAsync(sandboxed: false);
        var script = $"exec 9>{watch.Path}; echo one; read line; head -c 10000000 /dev/zero; exec 9>&-; read line; echo last";
        var first = await agent.Client.SpawnAsync(AgentOnHost.Bash(script) with { Id = "p", StandardInput = true, KeepsOutput = keeps }, AgentOnHost.Within());
        await AgentAnywhere.UntilAsync(first, "\n");
        await first.DisposeAsync();
        await agent.Client.PingAsync(AgentOnHost.Within());
        await agent.PutAsync(new AgentRequest { Op = "", Id = "p" }, "go\n");

        // Its pipe holds 1 MiB: when it has written all, the agent has read most of it.
        await watch.Ended.WaitAsync(AgentOnHost.Within());
        await using var second = await agent.AttachAsync(new AgentRequest { Op = "", Id = "p" });
        await agent.PutAsync(new AgentRequest { Op = "", Id = "p" }, "go\n");
        var (output, _, _) = await AgentOnHost.ReadToEndAsync(second);

        Assert.EndsWith("last\n", output, StringComparison.Ordinal);
        Assert.InRange(output.Length, keeps ? 30_000 : 5, 1_300_000);
    }

    [Fact]
    public async Task TheExitOfAnEndedProcessCanBeHad()
    {
        await using var agent = await AgentAnywhere.StartAsync(sandboxed: false);
        await using var process = await agent.Client.SpawnAsync(AgentOnHost.Bash("echo gone; exit 9") with { Tag = "t" }, AgentOnHost.Within());
        await AgentOnHost.ReadToEndAsync(process);

        await using var again = await agent.AttachAsync(new AgentRequest { Op = "", Tag = "t" });

        Assert.Equal(("", "", new ProcessExit(9, 0)), await AgentOnHost.ReadToEndAsync(again));
        Assert.Equal(AgentErrorCode.NotFound, await agent.CodeAsync(new AgentRequest { Op = AgentOperation.Signal, Tag = "t", Signal = 9 }));
        Assert.Equal(AgentErrorCode.NotFound, await agent.CodeAsync(new AgentRequest { Op = AgentOperation.Attach, Pid = int.MaxValue }));
        Assert.Empty(await agent.Client.ListProcessesAsync(AgentOnHost.Within()));
    }

    [Fact]
    public async Task StandardInputIsWrittenAndClosedByName()
    {
        await using var agent = await AgentAnywhere.StartAsync(sandboxed: false);
        await using var process = await agent.Client.SpawnAsync(AgentOnHost.Bash("wc -c; exec sleep 1000") with { StandardInput = true, Tag = "wc" }, AgentOnHost.Within());
        var byPid = new AgentRequest { Op = "", Pid = process.ProcessId };
        var large = new string('x', 700_000);

        await agent.PutAsync(byPid, large);
        await agent.PutAsync(byPid, large);
        await agent.Client.AskAsync(byPid with { Op = AgentOperation.InputEnd }, AgentOnHost.Within());

        Assert.Equal(AgentErrorCode.Closed, await agent.CodeAsync(byPid with { Op = AgentOperation.Input, Data = [1] }));
        Assert.Equal("1400000\n", await AgentAnywhere.UntilAsync(process, "\n"));
    }

    [Fact]
    public async Task AProcessWithoutStandardInputHasItClosed()
    {
        await using var agent = await AgentAnywhere.StartAsync(sandboxed: false);
        await using var process = await agent.Client.SpawnAsync(AgentOnHost.Bash("echo up; exec sleep 1000") with { Id = "p" }, AgentOnHost.Within());
        await AgentAnywhere.UntilAsync(process, "up");

        Assert.Equal(AgentErrorCode.Closed, await agent.CodeAsync(new AgentRequest { Op = AgentOperation.Input, Id = "p", Data = [1] }));
        Assert.Equal(AgentErrorCode.BadRequest, await agent.CodeAsync(new AgentRequest { Op = AgentOperation.Resize, Id = "p", Pty = new AgentTerminal(1, 1) }));
    }

    [Fact]
    public async Task ProcessesAreListedWithWhatTheyWereStartedWith()
    {
        await using var agent = await AgentAnywhere.StartAsync(sandboxed: false);
        var large = new Dictionary<string, string> { ["LARGE"] = new('x', 100_000) };
        List<AgentProcess> processes = [];
        for (var i = 0; i < 12; i++)
        {
            processes.Add(await agent.Client.SpawnAsync(
                new ProcessSpec { Arguments = ["sleep", "1000"], WorkingDirectory = "/tmp", Tag = $"t{i}", Environment = large, Terminal = i == 0 ? new TerminalSize(1, 1) : null }, AgentOnHost.Within()));
        }

        var list = await agent.Client.ListProcessesAsync(AgentOnHost.Within());

        Assert.Equal(processes.Select((process, i) => (process.ProcessId, $"t{i}", i == 0)), list.Select(entry => (entry.Pid, entry.Tag!, entry.Pty)));
        Assert.All(list, entry => Assert.Equal(("/tmp", "process", 100_000), (entry.Cwd, entry.Kind, entry.Env!["LARGE"].Length)));
    }

    [Fact]
    public async Task AWorkerGetsAnotherIdAndItsPipeStays()
    {
        await using var agent = await AgentAnywhere.StartAsync(sandboxed: false);
        var echo = AgentOnHost.Bash("while read -r line <&3; do echo \"$line\" >&4; done");
        await agent.Client.StartWorkerAsync(echo with { Id = "spare" }, AgentOnHost.Within());
        await agent.Client.StartWorkerAsync(echo with { Id = "other" }, AgentOnHost.Within());
        await using var pipe = await agent.Client.OpenWorkerAsync("spare", AgentOnHost.Within());

        await agent.Client.RenameWorkerAsync("spare", "taken", AgentOnHost.Within());

        Assert.Equal("still", await WorkerTests.AskAsync(pipe, "still"));
        Assert.Equal(AgentErrorCode.NotFound, await agent.CodeAsync(new AgentRequest { Op = AgentOperation.WorkerRename, Id = "spare", To = "x" }));
        Assert.Equal(AgentErrorCode.Exists, await agent.CodeAsync(new AgentRequest { Op = AgentOperation.WorkerRename, Id = "taken", To = "other" }));
        Assert.Equal(["other", "taken"], (await agent.Client.ListProcessesAsync(AgentOnHost.Within())).Select(entry => entry.Id).Order(StringComparer.Ordinal));
        await agent.Client.StartWorkerAsync(echo with { Id = "spare" }, AgentOnHost.Within());
    }
}
