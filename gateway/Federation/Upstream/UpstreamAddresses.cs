using System.Net;
using System.Net.Sockets;

using ToolRuntime.Functions;

namespace ToolRuntime.Gateway.Federation.Upstream;

/// <summary>
/// Which addresses an upstream may have: the name is resolved once, each address checked, and the connection made to one that passed, so
/// that a name cannot lead elsewhere between the look and the connection.
/// </summary>
internal static class UpstreamAddresses
{
    private static readonly IPNetwork[] s_private =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.168.0.0/16",
            "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4", "::/127", "64:ff9b::/96", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
        }.Select(IPNetwork.Parse),
    ];

    /// <summary>Whether an address belongs to nobody's own network, or is named. Pure.</summary>
    public static bool IsAllowed(IPAddress address, string host, IReadOnlyList<string> allowed)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return !s_private.Any(n => n.Contains(plain)) || allowed.Any(a => Names(a, plain, host));
    }

    /// <summary>Connects to a host at an address that may be reached.</summary>
    /// <exception cref="FunctionFaultException">None of its addresses may.</exception>
    public static async ValueTask<Stream> ConnectAsync(DnsEndPoint endpoint, IReadOnlyList<string> allowed, CancellationToken cancellationToken)
    {
        var found = IPAddress.TryParse(endpoint.Host, out var literal) ? [literal] : await Dns.GetHostAddressesAsync(endpoint.Host, cancellationToken);
        var reachable = Array.FindAll(found, a => IsAllowed(a, endpoint.Host, allowed));
        if (reachable.Length == 0)
        {
            throw new FunctionFaultException(
                FaultCode.UpstreamFailed,
                $"{endpoint.Host} is at a private address ({string.Join(", ", found.Select(a => a.ToString()))}), which is refused",
                $"if that is meant, add the server with --allow-host {endpoint.Host}");
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(reachable, endpoint.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static bool Names(string allowed, IPAddress address, string host) =>
        string.Equals(allowed, host, StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(allowed, out var one) && one.Equals(address))
        || (IPNetwork.TryParse(allowed, out var network) && network.Contains(address));
}
