using System.Text;

using ToolRuntime.Sandbox.Agent;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Tests.Integration.Agent;

public sealed class WorkerTests
{
    /// <summary>Gives back every line of its control pipe.</summary>
    internal const string Echo = "echo to stdout; echo to stderr >&2; while read -r line <&3; do echo \"$BASHPID $line\" >&4; done";

    [Fact]
    public async Task TheControlPipeIsRelayedBothWays()
    {
        await using var agent = await AgentOnHost.StartAsync();
        var pid = await agent.Client.StartWorkerAsync(AgentOnHost.Bash(Echo) with { Id = "w" }, AgentOnHost.Within());
        await using var worker = await agent.Client.OpenWorkerAsync("w", AgentOnHost.Within());

        Assert.Equal($"{pid} a", await AskAsync(worker, "a"));
        Assert.Equal($"{pid} b", await AskAsync(worker, "b"));
    }

    [Fact]
    public async Task MegabytesPassBothWaysAtOnce()
    {
        await using var agent = await AgentOnHost.StartAsync();
        await agent.Client.StartWorkerAsync(AgentOnHost.Bash("cat <&3 >&4") with { Id = "w" }, AgentOnHost.Within());
        await using var worker = await agent.Client.OpenWorkerAsync("w", AgentOnHost.Within());
        var sent = new byte[8 << 20];
        new Random(1).NextBytes(sent);

        var writing = worker.WriteAsync(sent, AgentOnHost.Within()).AsTask();
        var received = new byte[sent.Length];
        await worker.ReadExactlyAsync(received, AgentOnHost.Within());
        await writing;

        Assert.True(sent.AsSpan().SequenceEqual(received));
    }

    [Fact]
    public async Task TheStreamEndsWithTheWorkerAndItsChildrenEndToo()
    {
        await using var agent = await AgentOnHost.StartAsync();
        using var watch = new EndWatch();
        await agent.Client.StartWorkerAsync(AgentOnHost.Bash($"exec 9>{watch.Path}; sleep 1000 & read -r line <&3; exit 5") with { Id = "w" }, AgentOnHost.Within());
        await using var worker = await agent.Client.OpenWorkerAsync("w", AgentOnHost.Within());
        await worker.WriteAsync("\n"u8.ToArray(), AgentOnHost.Within());

        Assert.Equal(0, await worker.ReadAsync(new byte[1], AgentOnHost.Within()));
        await using var output = await agent.Client.OpenWorkerOutputAsync("w", AgentOnHost.Within());

        Assert.Equal(5, (await AgentOnHost.ReadToEndAsync(output)).Exit.ExitCode);
        await watch.Ended.WaitAsync(AgentOnHost.Within());
    }

    [Fact]
    public async Task OutputIsKeptUpToABoundWhileNobodyReads()
    {
        await using var agent = await AgentOnHost.StartAsync();
        await agent.Client.StartWorkerAsync(AgentOnHost.Bash("seq 100000; echo end >&4; read -r x <&3") with { Id = "w" }, AgentOnHost.Within());
        await using var worker = await agent.Client.OpenWorkerAsync("w", AgentOnHost.Within());
        await worker.ReadExactlyAsync(new byte[4], AgentOnHost.Within());

        await using var output = await agent.Client.OpenWorkerOutputAsync("w", AgentOnHost.Within());
        await worker.WriteAsync("\n"u8.ToArray(), AgentOnHost.Within());

        var (text, _, exit) = await AgentOnHost.ReadToEndAsync(output);
        Assert.EndsWith("99999\n100000\n", text, StringComparison.Ordinal);

        // 64 KiB are kept, and as much may still stand in the pipe when the reader comes.
        Assert.InRange(text.Length, 1000, 2 * 64 * 1024);
        Assert.Equal(0, exit.ExitCode);
    }

    [Fact]
    public async Task ASuspendedAgentGoesOnUnderTheNextEpoch()
    {
        await using var agent = await AgentOnHost.StartAsync();
        var pid = await agent.Client.StartWorkerAsync(AgentOnHost.Bash(Echo) with { Id = "w" }, AgentOnHost.Within());
        var before = await agent.Client.OpenWorkerAsync("w", AgentOnHost.Within());
        Assert.Equal($"{pid} a", await AskAsync(before, "a"));
        await before.WriteAsync("b\n"u8.ToArray(), AgentOnHost.Within());

        await agent.Client.SuspendAsync(AgentOnHost.Within());
        Assert.Equal("The sandbox is suspended.", await agent.Client.Closed);
        var answered = await DrainAsync(before);
        await agent.ReconnectAsync(epoch: 2);
        await using var after = await agent.Client.OpenWorkerAsync("w", AgentOnHost.Within());

        Assert.Equal($"{pid} b", answered.Length > 0 ? answered.Trim() : await ReadLineAsync(after));
        Assert.Equal($"{pid} c", await AskAsync(after, "c"));
    }

    [Fact]
    public async Task ManyRequestsAtOnceAllGetTheirAnswer()
    {
        await using var agent = await AgentOnHost.StartAsync();
        await agent.Client.StartWorkerAsync(AgentOnHost.Bash(Echo) with { Id = "w" }, AgentOnHost.Within());

        var lists = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => agent.Client.ListProcessesAsync(AgentOnHost.Within()).AsTask()));

        Assert.All(lists, list => Assert.Equal(["w"], list.Select(entry => entry.Id)));
    }

    internal static async Task<string> AskAsync(Stream worker, string line)
    {
        await worker.WriteAsync(Encoding.UTF8.GetBytes(line + "\n"), AgentOnHost.Within());
        return await ReadLineAsync(worker);
    }

    private static async Task<string> ReadLineAsync(Stream worker)
    {
        var line = new StringBuilder();
        var one = new byte[1];
        while (await worker.ReadAsync(one, AgentOnHost.Within()) == 1 && one[0] != '\n')
        {
            line.Append((char)one[0]);
        }

        return line.ToString();
    }

    private static async Task<string> DrainAsync(Stream stream)
    {
        var text = new StringBuilder();
        var buffer = new byte[4096];
        try
        {
            while (await stream.ReadAsync(buffer, AgentOnHost.Within()) is var read and > 0)
            {
                text.Append(Encoding.UTF8.GetString(buffer, 0, read));
            }
        }
        catch (IOException)
        {
            // The end of a suspended stream.
        }

        return text.ToString();
    }
}
