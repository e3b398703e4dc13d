using System.Text;

using ToolRuntime.Sandbox.Agent;
using ToolRuntime.Sandbox.Pools;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Runtime.Egress;

/// <summary>
/// Lets a sandbox trust the instance's authority, and those that the machine's owner added to what the machine trusts: always, whatever the rules are, because they may change while programs run that have read what
/// they trust at their start.
/// </summary>
internal static class EgressSetup
{
    /// <summary>What the image trusts and the authority, where the image's own file cannot be written.</summary>
    private const string CopyFile = "/run/toolrt/egress-trust.pem";

    private const string AptFile = "/etc/apt/sources.list";
    private const int Readable = 0b100_100_100;
    private const int LargestTrust = 4 * 1024 * 1024;
    private static readonly AgentUser s_root = new(0, 0);

    /// <summary>Puts it into a fresh sandbox, before that is anybody's.</summary>
    /// <param name="agent">Its agent.</param>
    /// <param name="authorities">The authorities, as PEM.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="AgentException">The sandbox is not as one of ours is.</exception>
    public static Task TrustAsync(AgentClient agent, string authorities, CancellationToken cancellationToken)
    {
        var pem = Encoding.ASCII.GetBytes(authorities);
        return Task.WhenAll(PutAsync(agent, SandboxProxies.AuthorityFile, pem, cancellationToken), AddAsync(agent, pem, cancellationToken));
    }

    /// <summary>Points apt to the machine's archives. An image without apt, or whose root cannot be written, stays as it is.</summary>
    public static async Task PointAptAsync(AgentClient agent, string sources, CancellationToken cancellationToken)
    {
        try
        {
            await PutAsync(agent, AptFile, Encoding.ASCII.GetBytes(sources), cancellationToken);
        }
        catch (AgentException)
        {
            return;
        }
    }

    /// <summary>Adds to what the image trusts: its own file, or where that cannot be written, a copy, which later programs are told of.</summary>
    private static async Task AddAsync(AgentClient agent, byte[] pem, CancellationToken cancellationToken)
    {
        try
        {
            await WriteAsync(agent, SandboxProxies.TrustFile, pem, append: true, cancellationToken);
        }
        catch (AgentException)
        {
            var trust = await ReadTrustAsync(agent, cancellationToken);
            await WriteAsync(agent, CopyFile, [.. trust, .. pem], append: false, cancellationToken);
            await agent.SetEnvironmentAsync(SandboxProxies.TrustVariables.ToDictionary(name => name, _ => CopyFile, StringComparer.Ordinal), cancellationToken);
        }
    }

    private static async Task<byte[]> ReadTrustAsync(AgentClient agent, CancellationToken cancellationToken)
    {
        try
        {
            return await agent.ReadFileAsync(SandboxProxies.TrustFile, LargestTrust, cancellationToken);
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
