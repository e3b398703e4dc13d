using System.Net;
using System.Net.Sockets;

using ToolRuntime.Functions;
using ToolRuntime.OpenApi.Faults;

namespace ToolRuntime.OpenApi.Fetching;

/// <summary>
/// Which addresses may be spoken to: public ones (<see cref="AddressRanges"/>), and what the operator names. Pure.
/// </summary>
public sealed class AddressPolicy
{
    private readonly HashSet<string> _hosts;
    private readonly IPNetwork[] _networks;

    private AddressPolicy(HashSet<string> hosts, IPNetwork[] networks) => (_hosts, _networks) = (hosts, networks);

    /// <summary>Public addresses only.</summary>
    public static AddressPolicy PublicOnly { get; } = new([], []);

    /// <summary>Public addresses and what is named.</summary>
    /// <param name="allowed">Host names, addresses and networks (<c>10.1.0.0/16</c>).</param>
    /// <exception cref="ApiFaultException">One of them is none of these; all wrong ones are named.</exception>
    public static AddressPolicy Allowing(IEnumerable<string> allowed)
    {
        var (hosts, networks, wrong) = (new HashSet<string>(StringComparer.OrdinalIgnoreCase), new List<IPNetwork>(), new List<string>());
        foreach (var item in allowed.Select(a => a.Trim().TrimStart('[').TrimEnd(']')))
        {
            if (IPAddress.TryParse(item, out var address))
            {
                networks.Add(new IPNetwork(address, address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128));
            }
            else if (item.Contains('/') && IPNetwork.TryParse(item, out var network))
            {
                networks.Add(network);
            }
            else if (Uri.CheckHostName(item) == UriHostNameType.Dns)
            {
                hosts.Add(item);
            }
            else
            {
                wrong.Add(item);
            }
        }

        return wrong.Count == 0
            ? new AddressPolicy(hosts, [.. networks])
            : throw new ApiFaultException(ApiFaultCode.NotConfigured, $"not a host, address or network: {string.Join(", ", wrong)}", "name them as api.internal, 10.1.2.3 or 10.1.0.0/16");
    }

    /// <summary>Whether <paramref name="address"/>, to which <paramref name="host"/> has resolved, may be spoken to.</summary>
    public bool Allows(string host, IPAddress address)
    {
        var plain = AddressRanges.Plain(address);
        return _hosts.Contains(host.TrimEnd('.')) || _networks.Any(n => n.Contains(plain)) || AddressRanges.IsPublic(plain);
    }

    /// <summary>The refusal of a host none of whose addresses is allowed.</summary>
    public static ApiFaultException Refuse(string host) => new(
        ApiFaultCode.AddressRefused, $"{host} is at a private or reserved address", $"name it, if it is meant: --allow-host {host}");
}
