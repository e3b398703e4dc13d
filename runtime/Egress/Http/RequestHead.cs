using System.Buffers;
using System.Globalization;
using System.Text;

namespace ToolRuntime.Runtime.Egress.Http;

/// <summary>
/// The head of an HTTP/1 request (RFC 9112), read strictly: what two servers might read in two ways (a bare line end, folded lines, blanks around
/// names, two lengths, a length beside chunks) is refused, so that what is judged here is what the server sees.
/// </summary>
internal sealed record RequestHead
{
    /// <summary>Largest head, bytes.</summary>
    public const int Largest = 64 * 1024;

    private const int MostHeaders = 256;

    private static readonly SearchValues<char> s_token = SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
    private static readonly HashSet<string> s_hops = new(
        ["Connection", "Proxy-Connection", "Keep-Alive", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "Proxy-Authorization", "Proxy-Authenticate", "HTTP2-Settings", "Host"],
        StringComparer.OrdinalIgnoreCase);

    /// <summary>The method, as it was written.</summary>
    public required string Method { get; init; }

    /// <summary>Path and query, beginning with a slash; or <c>*</c>.</summary>
    public required string Target { get; init; }

    /// <summary>The headers in their order.</summary>
    public required IReadOnlyList<(string Name, string Value)> Headers { get; init; }

    /// <summary>Length of the body; null where it comes in chunks.</summary>
    public long? Length { get; init; } = 0;

    /// <summary>The protocol that it wants to go over to (a WebSocket), or null.</summary>
    public string? Upgrade { get; init; }

    /// <summary>Reads one, with the empty line at its end.</summary>
    /// <exception cref="EgressFailedException">It is none that every server reads alike.</exception>
    public static RequestHead Parse(ReadOnlySpan<byte> bytes)
    {
        // Latin-1: each byte is one character, and goes out as the same byte.
        var lines = Encoding.Latin1.GetString(bytes).Split("\r\n");
        if (lines.Length < 3 || lines[^1].Length > 0 || lines[^2].Length > 0 || lines.Any(line => line.AsSpan().ContainsAny('\r', '\n', '\0')))
        {
            throw Bad("its lines do not end as they must");
        }

        var (method, target) = ReadLine(lines[0]);
        if (lines.Length - 3 > MostHeaders)
        {
            throw new EgressFailedException($"a request with more than {MostHeaders} headers") { Status = 431 };
        }

        var headers = lines[1..^2].Select(ReadHeader).ToList();
        return new RequestHead
        {
            Method = method,
            Target = target,
            Headers = headers,
            Length = LengthOf(headers),
            Upgrade = Values(headers, "Connection").Any(v => v.Equals("upgrade", StringComparison.OrdinalIgnoreCase))
                && Values(headers, "Upgrade").ToList() is [var one] && one.Equals("websocket", StringComparison.OrdinalIgnoreCase) ? one : null,
        };
    }

    /// <summary>As it goes out: in origin form, to one host, with <paramref name="added"/> in place of what it says itself, for one request only.</summary>
    public byte[] Encode(string authority, IReadOnlyDictionary<string, string> added)
    {
        var dropped = Values(Headers, "Connection").ToHashSet(StringComparer.OrdinalIgnoreCase);
        var text = new StringBuilder()
            .Append(Method).Append(' ').Append(Target).Append(" HTTP/1.1\r\nHost: ").Append(authority).Append("\r\n");
        foreach (var (name, value) in Headers.Where(h => !s_hops.Contains(h.Name) && !dropped.Contains(h.Name) && !added.ContainsKey(h.Name)))
        {
            text.Append(name).Append(": ").Append(value).Append("\r\n");
        }

        foreach (var (name, value) in added)
        {
            text.Append(name).Append(": ").Append(value).Append("\r\n");
        }

        if (Length is null)
        {
            text.Append("Transfer-Encoding: chunked\r\n");
        }

        text.Append(Upgrade is null ? "Connection: close\r\n\r\n" : $"Connection: Upgrade\r\nUpgrade: {Upgrade}\r\n\r\n");
        return Encoding.Latin1.GetBytes(text.ToString());
    }

    /// <summary>Whether a name and a value can stand in a head.</summary>
    public static bool IsHeader(string name, string value) =>
        name.Length > 0 && !name.AsSpan().ContainsAnyExcept(s_token) && value.All(c => c is '\t' or (>= ' ' and <= '\xff' and not '\x7f'));

    private static (string Method, string Target) ReadLine(string line)
    {
        if (line.Split(' ') is not [{ Length: > 0 and <= 32 } method, { Length: > 0 } target, "HTTP/1.1" or "HTTP/1.0"] || method.AsSpan().ContainsAnyExcept(s_token))
        {
            throw Bad("its first line is no request of HTTP/1");
        }

        if (target.Any(c => c is <= ' ' or >= '\x7f' or '#'))
        {
            throw Bad("its target has characters that must be encoded");
        }

        return method.Equals("CONNECT", StringComparison.OrdinalIgnoreCase)
            ? throw new EgressFailedException("a CONNECT inside of a connection") { Status = 405 }
            : (method, Origin(target, method));
    }

    /// <summary>The origin form of a target; of an absolute one only its path counts, for host and port are settled.</summary>
    private static string Origin(string target, string method)
    {
        if (target[0] == '/' || (target == "*" && method == "OPTIONS"))
        {
            return target;
        }

        var scheme = target.IndexOf("://", StringComparison.Ordinal);
        if (scheme < 0 || target[..scheme].ToLowerInvariant() is not ("http" or "https"))
        {
            throw Bad("its target is neither a path nor a URL");
        }

        var rest = target[(scheme + 3)..];
        return rest.IndexOfAny(['/', '?']) switch
        {
            < 0 => "/",
            var at when rest[at] == '?' => "/" + rest[at..],
            var at => rest[at..],
        };
    }

    private static (string Name, string Value) ReadHeader(string line)
    {
        var colon = line.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0)
        {
            throw Bad("a line of it is no header");
        }

        var (name, value) = (line[..colon], line[(colon + 1)..].Trim(' ', '\t'));
        return IsHeader(name, value) ? (name, value) : throw Bad("a header has characters that none may have");
    }

    private static long? LengthOf(IReadOnlyList<(string Name, string Value)> headers)
    {
        var lengths = headers.Where(h => h.Name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase)).Select(h => h.Value).ToList();
        var codings = Values(headers, "Transfer-Encoding").ToList();
        return (lengths, codings) switch
        {
            ([], []) => 0,
            ([], [var coding]) when coding.Equals("chunked", StringComparison.OrdinalIgnoreCase) => null,
            ([var length], []) when long.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes) => bytes,
            _ => throw Bad("the length of its body can be read in two ways"),
        };
    }

    private static IEnumerable<string> Values(IEnumerable<(string Name, string Value)> headers, string name) => headers
        .Where(h => h.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        .SelectMany(h => h.Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));

    private static EgressFailedException Bad(string why) => new($"the request is not understood: {why}") { Status = 400 };
}
