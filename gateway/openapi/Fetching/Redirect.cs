using System.Net;

using ToolRuntime.OpenApi.Faults;

namespace ToolRuntime.OpenApi.Fetching;

/// <summary>Where a redirect leads (RFC 9110, 15.4). Pure.</summary>
/// <param name="Url">The next URL, absolute.</param>
/// <param name="Method">The next method.</param>
/// <param name="KeepsBody">Whether the body goes along.</param>
/// <param name="IsSameOrigin">Whether scheme, host and port stay.</param>
public readonly record struct Redirect(Uri Url, string Method, bool KeepsBody, bool IsSameOrigin)
{
    private static readonly UriCreationOptions s_asGiven = new() { DangerousDisablePathAndQueryCanonicalization = true };

    /// <summary>The redirect that an answer asks for, or null where it asks for none.</summary>
    /// <exception cref="ApiFaultException">It leads to what is no HTTP URL, or from HTTPS to HTTP.</exception>
    public static Redirect? Of(HttpStatusCode status, string method, Uri from, string? location)
    {
        if (status is not (HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther
            or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect) || string.IsNullOrEmpty(location))
        {
            return null;
        }

        var next = Resolve(from, location);
        if (next is null || (next.Scheme != Uri.UriSchemeHttp && next.Scheme != Uri.UriSchemeHttps) || next.UserInfo.Length > 0)
        {
            throw TransportFaults.Bad(from.Host, "it redirects to what is no HTTP URL");
        }

        if (from.Scheme == Uri.UriSchemeHttps && next.Scheme == Uri.UriSchemeHttp)
        {
            throw TransportFaults.Bad(from.Host, "it redirects from HTTPS to HTTP");
        }

        var keeps = status is HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect
            || (status != HttpStatusCode.SeeOther && method is not "POST") || method is "GET" or "HEAD";
        return new Redirect(next, keeps ? method : "GET", keeps, Origin(next) == Origin(from));
    }

    /// <summary>Scheme, host and port of a URL.</summary>
    public static string Origin(Uri url) => $"{url.Scheme}://{(url.HostNameType == UriHostNameType.IPv6 ? url.Host : url.IdnHost)}:{url.Port}";

    private static Uri? Resolve(Uri from, string location)
    {
        var fragment = location.IndexOf('#');
        var target = fragment < 0 ? location : location[..fragment];
        if (Uri.TryCreate(target, s_asGiven, out var absolute) && absolute.IsAbsoluteUri && !target.StartsWith('/'))
        {
            return absolute;
        }

        return Uri.TryCreate(from, target, out var relative) ? relative : null;
    }
}
