using System.Text;

using ToolRuntime.Sandbox.Agent;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Runtime.Egress;

/// <summary>
/// Makes a sandbox ready to go out: its proxies listen, its environment names them, it trusts the instance's authority. Always, whatever the
/// rules are, because they may change while programs run that have read all this at their start.
/// </summary>
internal static class EgressSetup
{
    private const int Readable = 0b100_100_100;
    private const int LargestTrust = 4 * 1024 * 1024;
    private static readonly AgentUser s_root = new(0, 0);

    /// <summary>Sets a fresh sandbox up; its own environment goes over ours.</summary>
    /// <exception cref="AgentException">The sandbox is not as one of ours is.</exception>
    public static async Task PrepareAsync(AgentClient agent, EgressProxy proxy, IReadOnlyDictionary<string, string> environment, CancellationToken cancellationToken)
    {
        var pem = Encoding.ASCII.GetBytes(proxy.Services.Tls.Authority.Pem);
        var trusted = TrustAsync(agent, pem, cancellationToken);
        await Task.WhenAll(
            AttachAsync(agent, proxy, cancellationToken),
            PutAsync(agent, EgressEnvironment.AuthorityFile, pem, cancellationToken),
            agent.SetEnvironmentAsync(EgressEnvironment.Under(environment, EgressEnvironment.TrustFile), cancellationToken).AsTask(),
            trusted);
        if (await trusted is { } copy)
        {
            await agent.SetEnvironmentAsync(EgressEnvironment.Under(environment, copy), cancellationToken);
        }
    }

    /// <summary>Serves a sandbox that was set up before, under its present channel.</summary>
    public static async Task AttachAsync(AgentClient agent, EgressProxy proxy, CancellationToken cancellationToken)
    {
        agent.OnOpened = proxy.ServeAsync;
        await agent.ListenForEgressAsync(EgressEnvironment.HttpPort, EgressEnvironment.SocksPort, cancellationToken);
    }

    /// <summary>Adds to what the image trusts; where its file cannot be written, gives the path of a copy that it was added to.</summary>
    private static async Task<string?> TrustAsync(AgentClient agent, byte[] pem, CancellationToken cancellationToken)
    {
        try
        {
            await WriteAsync(agent, EgressEnvironment.TrustFile, pem, append: true, cancellationToken);
            return null;
        }
        catch (AgentException)
        {
            var trust = await ReadTrustAsync(agent, cancellationToken);
            await WriteAsync(agent, EgressEnvironment.CopyFile, [.. trust, .. pem], append: false, cancellationToken);
            return EgressEnvironment.CopyFile;
        }
    }

    private static async Task<byte[]> ReadTrustAsync(AgentClient agent, CancellationToken cancellationToken)
    {
        try
        {
            return await agent.ReadFileAsync(EgressEnvironment.TrustFile, LargestTrust, cancellationToken);
        }
        catch (AgentException)
        {
            // An image without any: ours is all that there is.
            return [];
        }
    }

    private static async Task WriteAsync(AgentClient agent, string path, byte[] content, bool append, CancellationToken cancellationToken)
    {
        var request = new AgentRequest { Op = AgentOperation.FileWrite, Path = path, User = s_root, Mode = Readable, Append = append, Parents = !append };
        await using var stream = agent.NewStream();
        await AgentExchange.OpenAsync(stream, request, cancellationToken);
        await stream.WriteAsync(content, cancellationToken);
        stream.Finish();
        await AgentExchange.ReadReplyAsync(stream, AgentOperation.FileWrite, cancellationToken);
    }

    private static async Task PutAsync(AgentClient agent, string path, byte[] content, CancellationToken cancellationToken) =>
        await agent.AskAsync(new AgentRequest { Op = AgentOperation.FilePut, Path = path, User = s_root, Mode = Readable, Data = content }, cancellationToken);
}
