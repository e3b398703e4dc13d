using System.Buffers;
using System.Text;

using ToolRuntime.OpenApi.Faults;
using ToolRuntime.OpenApi.Model;

namespace ToolRuntime.OpenApi.Requests;

/// <summary>The URL that an operation's path is appended to.</summary>
/// <param name="Base">Scheme, authority and path, without a slash at its end.</param>
/// <param name="Query">A query that the server brings along, without its mark; empty for none.</param>
internal readonly record struct ServerUrl(string Base, string Query)
{
    private const string Hint = "give a base URL or the server's variables";

    private static readonly SearchValues<char> s_unsafe = SearchValues.Create("\0\r\n\t ?#@\\");

    /// <summary>The server in effect.</summary>
    /// <exception cref="ApiFaultException">There is none, or a variable of it cannot be filled.</exception>
    public static ServerUrl Resolve(ApiOperation operation, UpstreamTarget target)
    {
        if (target.BaseUrl is { } given)
        {
            return Split(given, target.DocumentUrl);
        }

        var servers = operation.Servers;
        var server = servers.Count == 0 ? null : servers[target.Server < servers.Count ? target.Server : 0];
        return Split(server is null ? "/" : Fill(server, target.Variables), target.DocumentUrl);
    }

    private static string Fill(ApiServer server, IReadOnlyDictionary<string, string> chosen)
    {
        var url = new StringBuilder(server.Url.Length + 32);
        for (var rest = server.Url.AsSpan(); ;)
        {
            var open = rest.IndexOf('{');
            var close = open < 0 ? -1 : rest[open..].IndexOf('}');
            if (close < 0)
            {
                return url.Append(rest).ToString();
            }

            url.Append(rest[..open]).Append(Value(server, rest.Slice(open + 1, close - 1).ToString(), chosen));
            rest = rest[(open + close + 1)..];
        }
    }

    private static string Value(ApiServer server, string name, IReadOnlyDictionary<string, string> chosen)
    {
        var variable = server.Variables.GetValueOrDefault(name);
        var value = chosen.GetValueOrDefault(name) ?? variable?.Default
            ?? throw new ApiFaultException(ApiFaultCode.NotConfigured, $"the server variable {name} has no value", Hint);
        if (variable is { Values.Count: > 0 } && !variable.Values.Contains(value, StringComparer.Ordinal) && chosen.ContainsKey(name))
        {
            throw new ApiFaultException(ApiFaultCode.NotConfigured, $"the server variable {name} cannot be {value}", $"choose one of {string.Join(", ", variable.Values.Take(20))}");
        }

        return value.AsSpan().ContainsAny(s_unsafe)
            ? throw new ApiFaultException(ApiFaultCode.NotConfigured, $"the server variable {name} holds a character that no URL has there", Hint)
            : value;
    }

    private static ServerUrl Split(string url, Uri? document)
    {
        var absolute = IsAbsolute(url) ? url : Resolve(url, document);
        var end = absolute.IndexOf('#');
        absolute = end < 0 ? absolute : absolute[..end];
        var mark = absolute.IndexOf('?');
        var (place, query) = mark < 0 ? (absolute, "") : (absolute[..mark], absolute[(mark + 1)..]);
        var path = place.IndexOf('/', place.IndexOf("://", StringComparison.Ordinal) + 3);
        var authority = path < 0 ? place : place[..path];
        if (authority.Contains('@'))
        {
            throw new ApiFaultException(ApiFaultCode.NotConfigured, "the server's URL holds a user name or password", "configure the credential instead");
        }

        var written = new StringBuilder(authority);
        PercentEncoding.AppendLiteral(written, path < 0 ? "" : place.AsSpan(path).TrimEnd('/'));
        return new ServerUrl(written.ToString(), query);
    }

    private static bool IsAbsolute(string url) =>
        url.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || url.StartsWith("https://", StringComparison.OrdinalIgnoreCase);

    private static string Resolve(string url, Uri? document)
    {
        if (document is { IsAbsoluteUri: true } && (document.Scheme == Uri.UriSchemeHttp || document.Scheme == Uri.UriSchemeHttps)
            && Uri.TryCreate(document, url, out var resolved) && IsAbsolute(resolved.AbsoluteUri))
        {
            return resolved.AbsoluteUri;
        }

        throw new ApiFaultException(ApiFaultCode.NotConfigured, $"the server {url} is no absolute URL and the document does not come from one", "give a base URL");
    }
}
