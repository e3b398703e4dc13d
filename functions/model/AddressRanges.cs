using System.Net;
using System.Net.Sockets;

namespace ToolRuntime.Functions;

/// <summary>
/// Which addresses are of the open internet: the one rule for whatever a part of this program connects to on behalf of others. Pure. Private,
/// loopback, link-local (the metadata services of clouds among them), shared, documentation, multicast and reserved ranges of both families are
/// not (RFC 6890), also where an IPv6 address carries an IPv4 one.
/// </summary>
public static class AddressRanges
{
    private static readonly IPNetwork[] s_private = [.. new[]
    {
        "10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fec0::/10",
    }.Select(n => IPNetwork.Parse(n))];

    // Inside of private or public ranges, and yet what gives out credentials: of EC2, of Alibaba, of Azure.
    private static readonly IPNetwork[] s_metadata = [.. new[] { "fd00:ec2::/32", "100.100.100.200/32", "168.63.129.16/32" }.Select(n => IPNetwork.Parse(n))];

    private static readonly IPNetwork[] s_reserved = [.. new[]
    {
        "0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24",
        "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        "::/128", "::1/128", "100::/64", "2001::/23", "2001:db8::/32", "3fff::/20", "5f00::/16", "fe80::/10", "ff00::/8", "64:ff9b:1::/48",
    }.Select(n => IPNetwork.Parse(n)).Concat(s_metadata)];

    private static readonly IPNetwork s_translated = IPNetwork.Parse("64:ff9b::/96");
    private static readonly IPNetwork s_compatible = IPNetwork.Parse("::/96");
    private static readonly IPNetwork s_sixToFour = IPNetwork.Parse("2002::/16");

    /// <summary>Whether an address is one of the open internet.</summary>
    public static bool IsPublic(IPAddress address)
    {
        var plain = Plain(address);
        return !Holds(s_private, plain) && !Holds(s_reserved, plain) && (Carried(plain) is not { } inner || IsPublic(inner));
    }

    /// <summary>Whether an address is one that a network of machines uses inside, and none of a metadata service.</summary>
    public static bool IsPrivate(IPAddress address)
    {
        var plain = Plain(address);
        return Holds(s_private, plain) && !Holds(s_metadata, plain);
    }

    /// <summary>Whether all of a network lies in one range that is not of the open internet: who names it means such a range.</summary>
    public static bool IsInside(IPNetwork network) =>
        s_private.Concat(s_reserved).Any(range => range.PrefixLength <= network.PrefixLength && range.Contains(network.BaseAddress));

    /// <summary>An address as it is compared: an IPv4 one that is mapped into IPv6 is the IPv4 one, and no zone stays.</summary>
    public static IPAddress Plain(IPAddress address) =>
        address.IsIPv4MappedToIPv6 ? address.MapToIPv4()
        : address.AddressFamily == AddressFamily.InterNetworkV6 && address.ScopeId != 0 ? new IPAddress(address.GetAddressBytes())
        : address;

    private static bool Holds(IPNetwork[] ranges, IPAddress address)
    {
        foreach (var range in ranges)
        {
            if (range.Contains(address))
            {
                return true;
            }
        }

        return false;
    }

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
