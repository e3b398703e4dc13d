using System.Globalization;
using System.Net;
using System.Net.Sockets;

using ToolRuntime.Functions;

namespace ToolRuntime.Runtime.Egress;

/// <summary>
/// One line of a list of what may, or may not, be reached: a name, <c>*.example.com</c> (what is below it), <c>*</c> (every name), an address or
/// a network; each alone or with <c>:port</c>, an IPv6 one in brackets then.
/// </summary>
internal sealed record EgressEntry
{
    private string? _name;
    private string? _suffix;
    private IPNetwork? _network;
    private int? _port;

    private EgressEntry()
    {
    }

    /// <summary>Whether the host's own configuration names it: then every address is meant.</summary>
    public bool IsTrusted { get; init; }

    /// <summary>Whether it is exactly one name.</summary>
    public bool IsExactName => _name is not null;

    /// <summary>Whether it is more than one address.</summary>
    public bool IsNetwork => _network is { } network && network.PrefixLength < (network.BaseAddress.AddressFamily == AddressFamily.InterNetwork ? 32 : 128);

    /// <summary>How near it is to one host: of two that name a host, the one that names fewer has more.</summary>
    public int Exactness => _name is not null ? int.MaxValue : _suffix?.Length ?? _network?.PrefixLength ?? 0;

    /// <summary>Reads one; null where it is none of these.</summary>
    public static EgressEntry? Parse(string text)
    {
        var (host, port) = Split(text.Trim());
        if (host is null)
        {
            return null;
        }

        if (host == "*")
        {
            return new EgressEntry { _suffix = "", _port = port };
        }

        if (host.Contains('/', StringComparison.Ordinal))
        {
            return IPNetwork.TryParse(host.Trim('[', ']'), out var network) ? new EgressEntry { _network = Plain(network), _port = port } : null;
        }

        var isWild = host.StartsWith("*.", StringComparison.Ordinal);
        return EgressHost.Parse(isWild ? host[2..] : host) switch
        {
            null => null,
            { Address: { } address } => isWild ? null : new EgressEntry { _network = Whole(address), _port = port },
            var name when isWild => new EgressEntry { _suffix = "." + name.Text, _port = port },
            var name => new EgressEntry { _name = name.Text, _port = port },
        };
    }

    /// <summary>Whether it names the host, by its name.</summary>
    public bool Names(EgressHost host, int port) =>
        host.Address is null && IsOfPort(port)
        && (_name is not null ? _name == host.Text : _suffix is not null && host.Text.EndsWith(_suffix, StringComparison.Ordinal));

    /// <summary>Whether it names the address.</summary>
    public bool Names(IPAddress address, int port) => _network is { } network && IsOfPort(port) && network.Contains(address);

    /// <summary>Whether it names the address as one that is not of the open internet: a network that is more than such ranges does not.</summary>
    public bool Means(IPAddress address, int port) => Names(address, port) && AddressRanges.IsInside(_network!.Value);

    private bool IsOfPort(int port) => _port is null || _port == port;

    private static (string? Host, int? Port) Split(string text)
    {
        var colon = text.LastIndexOf(':');
        var isSix = text.IndexOf(':') != colon;
        if (colon < 0 || (isSix && !text[..colon].EndsWith(']')))
        {
            return (text.Length == 0 ? null : text, null);
        }

        return int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= ushort.MaxValue && colon > 0
            ? (text[..colon], port)
            : (null, null);
    }

    private static IPNetwork Whole(IPAddress address) => new(address, address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128);

    private static IPNetwork Plain(IPNetwork network) =>
        network.BaseAddress.IsIPv4MappedToIPv6 && network.PrefixLength >= 96 ? new IPNetwork(network.BaseAddress.MapToIPv4(), network.PrefixLength - 96) : network;
}
