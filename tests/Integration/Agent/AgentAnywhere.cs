using System.Text;

using ToolRuntime.Sandbox.Agent;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Tests.Integration.Agent;

/// <summary>The agent on this machine or in gVisor, for what must hold in both.</summary>
internal sealed class AgentAnywhere(IAsyncDisposable agent, AgentClient client) : IAsyncDisposable
{
    internal AgentClient Client => client;

    internal static async Task<AgentAnywhere> StartAsync(bool sandboxed)
    {
        if (sandboxed)
        {
            var sandbox = await AgentInSandbox.StartAsync();
            return new AgentAnywhere(sandbox, sandbox.Client);
        }

        var host = await AgentOnHost.StartAsync();
        return new AgentAnywhere(host, host.Client);
    }

    /// <summary>Reads on until <paramref name="text"/> has come; returns all.</summary>
    internal static async Task<string> UntilAsync(AgentProcess process, string text)
    {
        var all = new StringBuilder();
        while (!all.ToString().Contains(text, StringComparison.Ordinal))
        {
            var piece = await process.ReadAsync(AgentOnHost.Within()) ?? throw new InvalidDataException($"The process ended; it wrote: {all}");
            all.Append(Encoding.UTF8.GetString(piece.Data.Span));
        }

        return all.ToString();
    }

    internal async Task<string> CodeAsync(AgentRequest request) =>
        (await Assert.ThrowsAsync<AgentException>(async () => await client.AskAsync(request, AgentOnHost.Within()))).Code;

    internal async Task<AgentProcess> AttachAsync(AgentRequest request) =>
        await AgentProcess.OpenAsync(client.NewStream(), request with { Op = AgentOperation.Attach }, AgentOnHost.Within());

    internal async Task PutAsync(AgentRequest request, string text) =>
        await client.AskAsync(request with { Op = AgentOperation.Input, Data = Encoding.UTF8.GetBytes(text) }, AgentOnHost.Within());

    public ValueTask DisposeAsync() => agent.DisposeAsync();
}
