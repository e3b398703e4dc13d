using ToolRuntime.Sandbox.Agent.Channel;
using ToolRuntime.Sandbox.Agent.Sockets;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Sandbox.Agent.Egress;

/// <summary>
/// The sandbox's way out: proxies on its loopback whose connections are streams to the host, which decides. They listen as long as the agent
/// lives, also after a restore; connections end with the epoch.
/// </summary>
internal sealed class EgressProxy
{
    private const int HttpPort = 3128;
    private const int SocksPort = 1080;

    /// <summary>At once; each has two threads.</summary>
    private const int MostConnections = 256;

    private readonly Lock _gate = new();
    private readonly Places _free = new(MostConnections);
    private readonly Dictionary<int, string> _ports = [];

    /// <summary>Listens; asked again for the same ports it goes on.</summary>
    internal AgentReply Listen(AgentRequest request, Func<IStreamHandler, AgentStream?> open)
    {
        var (http, socks) = (request.HttpPort ?? HttpPort, request.SocksPort ?? SocksPort);
        if (http is < 1 or > ushort.MaxValue || socks is < 1 or > ushort.MaxValue || http == socks)
        {
            throw new OperationException(AgentErrorCode.BadRequest, $"'httpPort' is {http} and 'socksPort' is {socks}; two ports from 1 to 65535 are needed.");
        }

        lock (_gate)
        {
            Listen(http, EgressKind.Http, open);
            Listen(socks, EgressKind.Socks, open);
        }

        return AgentReply.Done;
    }

    private void Listen(int port, string kind, Func<IStreamHandler, AgentStream?> open)
    {
        if (_ports.TryGetValue(port, out var present))
        {
            if (present != kind)
            {
                throw new OperationException(AgentErrorCode.Exists, $"Port {port} is a proxy of the other kind.");
            }

            return;
        }

        var listener = new LoopbackListener(port, _free);
        _ports.Add(port, kind);
        listener.Start(socket => new EgressConnection(socket, open).Serve(kind));
    }
}
