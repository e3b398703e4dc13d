using System.Text;

using ToolRuntime.Sandbox.Agent;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Tests.Integration.Agent;

public sealed class ProcessTests
{
    [Fact]
    public async Task OutputErrorAndExitCodeComeThrough()
    {
        await using var agent = await AgentOnHost.StartAsync();

        var (output, error, exit) = await agent.RunAsync(AgentOnHost.Bash("echo out; echo err >&2; exit 7"));

        Assert.Equal(("out\n", "err\n", new ProcessExit(7, 0)), (output, error, exit));
    }

    [Fact]
    public async Task AllOfAnOutputComesThroughHoweverSoonItIsWritten()
    {
        await using var agent = await AgentOnHost.StartAsync();
        for (var i = 0; i < 40; i++)
        {
            var (output, _, _) = await agent.RunAsync(new ProcessSpec { Arguments = ["head", "-c", "300000", "/dev/zero"], WorkingDirectory = "/" });
            Assert.Equal(300_000, output.Length);
        }
    }

    [Fact]
    public async Task StandardInputReachesTheProcessAndEnds()
    {
        await using var agent = await AgentOnHost.StartAsync();
        var spec = AgentOnHost.Bash("wc -c") with { StandardInput = true };

        await using var process = await agent.Client.SpawnAsync(spec, AgentOnHost.Within());
        await process.WriteAsync(new byte[3_000_000], AgentOnHost.Within());
        await process.CloseInputAsync(AgentOnHost.Within());

        Assert.Equal("3000000\n", (await AgentOnHost.ReadToEndAsync(process)).Output);
    }

    [Fact]
    public async Task ChildrenHaveNoPrivilegeAndCannotTouchTheAgent()
    {
        await using var agent = await AgentOnHost.StartAsync();

        var (output, _, _) = await agent.RunAsync(AgentOnHost.Bash(
            $"id -u; grep -E 'CapBnd|CapEff|CapPrm|NoNewPrivs' /proc/self/status | tr -d '\\t'; kill -0 {agent.ProcessId} 2>/dev/null || echo cannot signal; ls /proc/{agent.ProcessId}/fd >/dev/null 2>&1 || echo cannot look"));

        Assert.Equal(
            "1000\nCapPrm:0000000000000000\nCapEff:0000000000000000\nCapBnd:0000000000000000\nNoNewPrivs:1\ncannot signal\ncannot look\n",
            output);
    }

    [Fact]
    public async Task AProgramMayStartInAFolderThatItsUserMayNotEnter()
    {
        await using var agent = await AgentOnHost.StartAsync();
        var folder = Directory.CreateTempSubdirectory("hidden-");
        File.SetUnixFileMode(folder.FullName, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        try
        {
            var (output, _, _) = await agent.RunAsync(AgentOnHost.Bash("pwd; ls . 2>/dev/null || echo cannot look") with { WorkingDirectory = folder.FullName });

            Assert.Equal($"{folder.FullName}\ncannot look\n", output);
        }
        finally
        {
            folder.Delete();
        }
    }

    [Fact]
    public async Task ASignalReachesTheWholeGroup()
    {
        await using var agent = await AgentOnHost.StartAsync();
        await using var process = await agent.Client.SpawnAsync(AgentOnHost.Bash("sleep 1000 & echo started; wait") with { Id = "group" }, AgentOnHost.Within());
        Assert.NotNull(await process.ReadAsync(AgentOnHost.Within()));

        await agent.Client.SignalAsync("group", 15, AgentOnHost.Within());

        Assert.Equal(new ProcessExit(143, 15), (await AgentOnHost.ReadToEndAsync(process)).Exit);
        var gone = await Assert.ThrowsAsync<AgentException>(async () => await agent.Client.SignalAsync("group", 15, AgentOnHost.Within()));
        Assert.Equal(AgentErrorCode.NotFound, gone.Code);
    }

    [Fact]
    public async Task LimitsHold()
    {
        await using var agent = await AgentOnHost.StartAsync();
        var spec = AgentOnHost.Bash("ulimit -n; ulimit -f; ulimit -v") with { Limits = new ProcessLimits { OpenFiles = 99, FileBytes = 1 << 20, AddressBytes = 1 << 30 } };

        Assert.Equal("99\n1024\n1048576\n", (await agent.RunAsync(spec)).Output);
    }

    [Fact]
    public async Task WhatCannotBeStartedSaysWhy()
    {
        await using var agent = await AgentOnHost.StartAsync();

        async Task<AgentException> Refused(ProcessSpec spec) =>
            await Assert.ThrowsAsync<AgentException>(async () => await agent.Client.SpawnAsync(spec, AgentOnHost.Within()));

        Assert.Contains("not on PATH", (await Refused(new ProcessSpec { Arguments = ["no-such-program"] })).Message, StringComparison.Ordinal);
        Assert.Contains("changing to the folder (/no/such)", (await Refused(AgentOnHost.Bash("true") with { WorkingDirectory = "/no/such" })).Message, StringComparison.Ordinal);
        Assert.Equal(AgentErrorCode.BadRequest, (await Refused(new ProcessSpec { Arguments = [] })).Code);
    }

    [Fact]
    public async Task ATerminalIsOne()
    {
        await using var agent = await AgentOnHost.StartAsync();
        var spec = AgentOnHost.Bash("tty >/dev/null && stty size; read line; echo got $line; stty size") with { Terminal = new TerminalSize(24, 80) };

        await using var process = await agent.Client.SpawnAsync(spec, AgentOnHost.Within());
        var size = "";
        while (!size.EndsWith('\n'))
        {
            size += Encoding.UTF8.GetString((await process.ReadAsync(AgentOnHost.Within()))!.Value.Data.Span);
        }

        Assert.Equal("24 80\r\n", size);
        await process.ResizeAsync(new TerminalSize(50, 132), AgentOnHost.Within());
        await process.WriteAsync("hello\n"u8.ToArray(), AgentOnHost.Within());

        Assert.EndsWith("got hello\r\n50 132\r\n", (await AgentOnHost.ReadToEndAsync(process)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AProcessThatWasLetGoOfCanBeAttachedAgain()
    {
        await using var agent = await AgentOnHost.StartAsync();
        var first = await agent.Client.SpawnAsync(AgentOnHost.Bash("echo one; read line; echo two; exit 3") with { Id = "kept", StandardInput = true }, AgentOnHost.Within());
        Assert.NotNull(await first.ReadAsync(AgentOnHost.Within()));
        await first.DisposeAsync();

        await using var second = await agent.Client.AttachAsync("kept", AgentOnHost.Within());
        await second.WriteAsync("go\n"u8.ToArray(), AgentOnHost.Within());

        var (output, _, exit) = await AgentOnHost.ReadToEndAsync(second);
        Assert.Equal(("two\n", 3), (output, exit.ExitCode));
    }

    [Fact]
    public async Task TheEnvironmentHoldsForLaterProcesses()
    {
        await using var agent = await AgentOnHost.StartAsync();

        await agent.Client.SetEnvironmentAsync(new Dictionary<string, string> { ["GREETING"] = "hello" }, AgentOnHost.Within());

        Assert.Equal("hello\n", (await agent.RunAsync(AgentOnHost.Bash("echo $GREETING"))).Output);
    }

    [Fact]
    public async Task TheEndOfTheChannelEndsEverything()
    {
        using var watch = new EndWatch();
        await using (var agent = await AgentOnHost.StartAsync())
        {
            var process = await agent.Client.SpawnAsync(AgentOnHost.Bash($"exec 9>{watch.Path}; echo started; exec sleep 1000"), AgentOnHost.Within());
            Assert.NotNull(await process.ReadAsync(AgentOnHost.Within()));
        }

        await watch.Ended.WaitAsync(AgentOnHost.Within());
    }
}
