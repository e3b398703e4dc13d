using System.Net;
using System.Net.Sockets;

using ToolRuntime.OpenApi.Faults;

namespace ToolRuntime.OpenApi.Fetching;

/// <summary>
/// Which addresses may be spoken to: public ones, and what the operator names. Pure. Private, loopback, link-local (the metadata services of
/// clouds among them), shared, documentation, multicast and reserved ranges of both families are refused (RFC 6890), also where an IPv6 address
/// carries an IPv4 one.
/// </summary>
public sealed class AddressPolicy
{
    private static readonly IPNetwork[] s_refused = [.. new[]
    {
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24",
        "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        "::/128", "::1/128", "100::/64", "2001::/32", "2001:db8::/32", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8", "64:ff9b:1::/48",
    }.Select(n => IPNetwork.Parse(n))];

    private static readonly IPNetwork s_translated = IPNetwork.Parse("64:ff9b::/96");
    private static readonly IPNetwork s_compatible = IPNetwork.Parse("::/96");
    private static readonly IPNetwork s_sixToFour = IPNetwork.Parse("2002::/16");

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
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return _hosts.Contains(host.TrimEnd('.')) || _networks.Any(n => n.Contains(plain)) || IsPublic(plain);
    }

    /// <summary>Whether an address is one of the open internet.</summary>
    public static bool IsPublic(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return !s_refused.Any(n => n.Contains(plain)) && (Carried(plain) is not { } inner || IsPublic(inner));
    }

    /// <summary>The refusal of a host none of whose addresses is allowed.</summary>
    public static ApiFaultException Refuse(string host) => new(
        ApiFaultCode.AddressRefused, $"{host} is at a private or reserved address", $"name it, if it is meant: --allow-host {host}");

    /// <summary>The IPv4 address inside an IPv6 one (NAT64, IPv4-compatible, 6to4), or null.</summary>
    private static IPAddress? Carried(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return null;
        }

        var bytes = address.GetAddressBytes();
        return s_translated.Contains(address) || s_compatible.Contains(address) ? new IPAddress(bytes.AsSpan(12))
            : s_sixToFour.Contains(address) ? new IPAddress(bytes.AsSpan(2, 4))
            : null;
    }
}
