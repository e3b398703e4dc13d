using System.Buffers.Binary;
using System.Net;
using System.Text;

using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Sandbox.Agent.Egress;

/// <summary>The server's half of SOCKS5 (RFC 1928): no authentication, CONNECT, names are left to the host.</summary>
internal static class SocksHandshake
{
    internal const byte Succeeded = 0;
    internal const byte Failed = 1;
    internal const byte Denied = 2;
    internal const byte Unreachable = 4;
    private const byte NotSupported = 7;
    private const byte AddressNotSupported = 8;
    private const byte Version = 5;
    private const byte NoAuthentication = 0;

    /// <summary>Says hello and reads where the program wants to go; the answer is the caller's.</summary>
    /// <exception cref="ProxyException">It wants what cannot be had; the status is the reply to send, or 0 for none.</exception>
    internal static (string Host, int Port) Read(Func<int, byte[]> take, Action<byte[]> send)
    {
        var greeting = take(2);
        if (greeting[0] != Version)
        {
            throw new ProxyException(0, "This is SOCKS5.");
        }

        if (!take(greeting[1]).Contains(NoAuthentication))
        {
            send([Version, 0xff]);
            throw new ProxyException(0, "Only SOCKS5 without authentication is served.");
        }

        send([Version, NoAuthentication]);
        var request = take(4);
        if (request[0] != Version || request[1] != 1)
        {
            throw new ProxyException(NotSupported, "Only CONNECT is served.");
        }

        var host = request[3] switch
        {
            1 => new IPAddress(take(4)).ToString(),
            3 => Encoding.Latin1.GetString(take(take(1)[0])),
            4 => new IPAddress(take(16)).ToString(),
            _ => throw new ProxyException(AddressNotSupported, "An address of an unknown kind."),
        };
        var port = BinaryPrimitives.ReadUInt16BigEndian(take(2));
        return EgressRequest.IsHost(host) && port > 0 ? (host, port) : throw new ProxyException(AddressNotSupported, "That is no host and port.");
    }

    /// <summary>The reply to a request.</summary>
    internal static byte[] Reply(byte code) => [Version, code, 0, 1, 0, 0, 0, 0, 0, 0];
}
