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

    /// <summary>Sets a fresh sandbox up, before it is anybody's.</summary>
    /// <param name="agent">Its agent.</param>
    /// <param name="authority">The instance's authority, as PEM.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="AgentException">The sandbox is not as one of ours is.</exception>
    public static async Task PrepareAsync(AgentClient agent, string authority, CancellationToken cancellationToken)
    {
        var pem = Encoding.ASCII.GetBytes(authority);
        var trusted = TrustAsync(agent, pem, cancellationToken);
        await Task.WhenAll(
            agent.ListenForEgressAsync(EgressEnvironment.HttpPort, EgressEnvironment.SocksPort, cancellationToken).AsTask(),
            PutAsync(agent, EgressEnvironment.AuthorityFile, pem, cancellationToken),
            trusted);
        await agent.SetEnvironmentAsync(EgressEnvironment.Of(await trusted), cancellationToken);
    }

    /// <summary>Adds to what the image trusts: its own file, or where that cannot be written, a copy; the path of which it was.</summary>
    private static async Task<string> TrustAsync(AgentClient agent, byte[] pem, CancellationToken cancellationToken)
    {
        try
        {
            await WriteAsync(agent, EgressEnvironment.TrustFile, pem, append: true, cancellationToken);
            return EgressEnvironment.TrustFile;
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
