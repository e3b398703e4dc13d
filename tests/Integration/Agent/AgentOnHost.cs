using System.Diagnostics;
using System.Text;

using ToolRuntime.Sandbox.Agent;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Tests.Integration.Agent;

/// <summary>The published agent as a plain process of this machine, with a client connected to it.</summary>
internal sealed class AgentOnHost : IAsyncDisposable
{
    internal static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);
    private readonly Process _process;

    private AgentOnHost(Process process, AgentClient client) => (_process, Client) = (process, client);

    internal AgentClient Client { get; private set; }

    internal int ProcessId => _process.Id;

    internal static CancellationToken Within() => new CancellationTokenSource(Deadline).Token;

    internal static async Task<AgentOnHost> StartAsync()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root: the agent switches users");
        var process = Process.Start(new ProcessStartInfo(PublishedAgent.Path)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
        return new AgentOnHost(process, await ConnectAsync(process, epoch: 1));
    }

    /// <summary>Says HELLO again on the same pipes, as a restored agent hears it.</summary>
    internal async Task ReconnectAsync(ulong epoch) => Client = await ConnectAsync(_process, epoch);

    internal static ProcessSpec Bash(string script) => new() { Arguments = ["/bin/bash", "-c", script], WorkingDirectory = "/tmp" };

    /// <summary>Runs it to its end.</summary>
    internal async Task<(string Output, string Error, ProcessExit Exit)> RunAsync(ProcessSpec spec)
    {
        await using var process = await Client.SpawnAsync(spec, Within());
        return await ReadToEndAsync(process);
    }

    internal static async Task<(string Output, string Error, ProcessExit Exit)> ReadToEndAsync(AgentProcess process)
    {
        var (output, error) = (new StringBuilder(), new StringBuilder());
        while (await process.ReadAsync(Within()) is { } piece)
        {
            (piece.IsError ? error : output).Append(Encoding.UTF8.GetString(piece.Data.Span));
        }

        return (output.ToString(), error.ToString(), process.Exit!.Value);
    }

    /// <summary>Ends the channel and waits for the agent, which ends by itself then.</summary>
    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        _process.StandardInput.Close();
        await _process.WaitForExitAsync(Within());
        _process.Dispose();
    }

    private static async Task<AgentClient> ConnectAsync(Process process, ulong epoch) => await AgentClient.ConnectAsync(
        new Unclosed(process.StandardOutput.BaseStream), new Unclosed(process.StandardInput.BaseStream), epoch, TimeProvider.System, Within());
}
