using ToolRuntime.OpenApi.Faults;

namespace ToolRuntime.OpenApi.Requests;

/// <summary>A request as it will stand on the wire. Messages can be made from it any number of times: for retries, redirects and a second try with a new token.</summary>
public sealed record ApiRequest
{
    private static readonly UriCreationOptions s_asBuilt = new() { DangerousDisablePathAndQueryCanonicalization = true };

    /// <summary>The method, upper case.</summary>
    public required string Method { get; init; }

    /// <summary>The absolute URL, every octet as it is sent; no fragment.</summary>
    public required string Url { get; init; }

    /// <summary>Headers in order, those of the body left out.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>Cookies, each <c>name=value</c>; they are sent as one header.</summary>
    public IReadOnlyList<string> Cookies { get; init; } = [];

    /// <summary>The body, or null.</summary>
    public RequestBody? Body { get; init; }

    /// <summary>The URL as HttpClient sends it: path and query octet for octet, which <see cref="Uri"/> would otherwise rewrite.</summary>
    /// <exception cref="ApiFaultException">The host is none.</exception>
    public Uri ToUri() => Uri.TryCreate(Url, s_asBuilt, out var uri) && uri.Host.Length > 0
        ? uri
        : throw new ApiFaultException(ApiFaultCode.NotConfigured, "the source's server is no URL with a host", "give a base URL");

    /// <summary>A message for HttpClient.</summary>
    public HttpRequestMessage ToMessage()
    {
        var message = new HttpRequestMessage(new HttpMethod(Method), ToUri()) { Content = Body is null ? null : new MessageBody(Body) };
        foreach (var (name, value) in Headers)
        {
            if (!message.Headers.TryAddWithoutValidation(name, value))
            {
                // One of those that speak of a body (Content-Language, Content-Range), which HttpClient sends with a body only.
                message.Content ??= new ByteArrayContent([]);
                message.Content.Headers.TryAddWithoutValidation(name, value);
            }
        }

        if (Cookies.Count > 0)
        {
            message.Headers.TryAddWithoutValidation("Cookie", string.Join("; ", Cookies));
        }

        return message;
    }

    /// <summary>The same request with one more header; one of the same name is replaced.</summary>
    public ApiRequest WithHeader(string name, string value) => this with
    {
        Headers = [.. Headers.Where(h => !h.Key.Equals(name, StringComparison.OrdinalIgnoreCase)), new(name, value)],
    };

    /// <summary>The same request with one more query parameter; ones of the same name, given by whom ever, are replaced.</summary>
    public ApiRequest WithQuery(string name, string value)
    {
        var pair = $"{PercentEncoding.Of(name, Escape.Strict)}={PercentEncoding.Of(value, Escape.Strict)}";
        var mark = Url.IndexOf('?');
        if (mark < 0)
        {
            return this with { Url = $"{Url}?{pair}" };
        }

        var kept = Url[(mark + 1)..].Split('&').Where(p => p.Length > 0 && PercentEncoding.Decode(p.Split('=')[0]) != name);
        return this with { Url = $"{Url[..mark]}?{string.Join('&', kept.Append(pair))}" };
    }

    /// <summary>The same request with one more cookie; one of the same name is replaced.</summary>
    public ApiRequest WithCookie(string name, string value) => this with
    {
        Cookies = [.. Cookies.Where(c => !c.StartsWith(name + "=", StringComparison.Ordinal)), $"{name}={value}"],
    };
}
