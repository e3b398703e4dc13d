using System.Globalization;
using System.Text;

using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Sandbox.Agent.Egress;

/// <summary>
/// Reads the head of a request to an HTTP proxy (RFC 9112, 3.2.2 and 3.2.3) and writes it as the server gets it: in origin form, without what
/// is between the program and the proxy, and as the only one of its connection. What two readers could understand in two ways is refused.
/// </summary>
internal static class ProxyHead
{
    private const string Scheme = "http://";
    private static readonly string[] s_hops = ["Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authorization", "Proxy-Authenticate", "TE", "Upgrade", "Host"];

    /// <summary>Reads a head, which ends with an empty line.</summary>
    /// <exception cref="ProxyException">It is none that can be served.</exception>
    internal static ProxyRequest Read(ReadOnlySpan<byte> head)
    {
        var lines = Encoding.Latin1.GetString(head).Split("\r\n");
        var first = lines[0].Split(' ');
        if (lines.Length < 3 || first.Length != 3 || first[2] is not ("HTTP/1.1" or "HTTP/1.0") || !IsToken(first[0]) || lines.Any(line => line.AsSpan().ContainsAny('\r', '\n', '\0')))
        {
            throw new ProxyException(400, "This is an HTTP/1.1 proxy, and the request's first line is not of that.");
        }

        if (first[0] == "CONNECT")
        {
            var (name, number) = Authority(first[1], -1);
            return new ProxyRequest(name, number);
        }

        if (!first[1].StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            throw new ProxyException(400, "This is a proxy: the request needs an absolute address, http://host/path, or CONNECT for https.");
        }

        var (authority, path) = Split(first[1][Scheme.Length..]);
        var (host, port) = Authority(authority, 80);
        var headers = Headers(lines.AsSpan(1..^2));
        return new ProxyRequest(host, port, first[0], path, Forward($"{first[0]} {path} {first[2]}", authority, headers), BodyOf(headers));
    }

    private static (string Authority, string Path) Split(string rest)
    {
        var end = rest.AsSpan().IndexOfAny('/', '?');
        var (authority, path) = end < 0 ? (rest, "/") : (rest[..end], rest[end..]);
        path = path[0] == '?' ? "/" + path : path;
        return path.All(character => character is > ' ' and < (char)127 and not '#')
            ? (authority, path)
            : throw new ProxyException(400, "The request's path holds what no path may.");
    }

    private static (string Host, int Port) Authority(string text, int otherwise)
    {
        var (host, port) = (text, otherwise);
        var colon = text.LastIndexOf(':');
        if (colon >= 0 && !text.EndsWith(']'))
        {
            host = text[..colon];
            port = int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;
        }

        var bracketed = host.StartsWith('[') && host.EndsWith(']');
        host = bracketed ? host[1..^1] : host;
        return EgressRequest.IsHost(host) && bracketed == host.Contains(':', StringComparison.Ordinal) && port is > 0 and <= ushort.MaxValue
            ? (host, port)
            : throw new ProxyException(400, $"'{text}' is no host and port.");
    }

    private static List<(string Name, string Value)> Headers(ReadOnlySpan<string> lines)
    {
        var headers = new List<(string Name, string Value)>();
        foreach (var line in lines)
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon < 1 || !IsToken(line[..colon]))
            {
                throw new ProxyException(400, "A header of the request is none.");
            }

            headers.Add((line[..colon], line[(colon + 1)..].Trim(' ', '\t')));
        }

        return headers;
    }

    private static byte[] Forward(string first, string authority, List<(string Name, string Value)> headers)
    {
        var named = headers.Where(header => Is(header.Name, "Connection")).SelectMany(header => header.Value.Split(',', StringSplitOptions.TrimEntries));
        var dropped = new HashSet<string>(s_hops.Concat(named), StringComparer.OrdinalIgnoreCase);

        // What says how long the request is stays, whatever the program calls a hop's.
        dropped.ExceptWith(["Content-Length", "Transfer-Encoding"]);
        var text = new StringBuilder($"{first}\r\nHost: {authority}\r\n");
        foreach (var (name, value) in headers.Where(header => !dropped.Contains(header.Name)))
        {
            text.Append(name).Append(": ").Append(value).Append("\r\n");
        }

        return Encoding.Latin1.GetBytes(text.Append("Connection: close\r\n\r\n").ToString());
    }

    private static long BodyOf(List<(string Name, string Value)> headers)
    {
        var lengths = headers.Where(header => Is(header.Name, "Content-Length")).Select(header => header.Value).ToList();
        var chunked = headers.Where(header => Is(header.Name, "Transfer-Encoding")).Select(header => header.Value).ToList();
        return (lengths, chunked) switch
        {
            ([], []) => 0,
            ([], [var coding]) when Is(coding, "chunked") => long.MaxValue,
            ([var length], []) when long.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out var number) => number,
            _ => throw new ProxyException(400, "The request says in no clear way how long its body is."),
        };
    }

    private static bool Is(string left, string right) => left.Equals(right, StringComparison.OrdinalIgnoreCase);

    private static bool IsToken(string text) =>
        text.Length > 0 && text.All(character => char.IsAsciiLetterOrDigit(character) || "!#$%&'*+-.^_`|~".Contains(character, StringComparison.Ordinal));
}
