using System.Net;

namespace ToolRuntime.Gateway.Auth;

/// <summary>Which Host and Origin headers are served: the guard against DNS rebinding and against other people's web pages.</summary>
public sealed class HostPolicy(AuthOptions options)
{
    /// <summary>Why a request is refused, or null when it may go on. Pure.</summary>
    /// <param name="host">Host header without port.</param>
    /// <param name="origin">Origin header, or null.</param>
    /// <param name="hasKey">Whether the request proved itself by a key: then the Host header decides nothing.</param>
    public string? Refuse(string host, string? origin, bool hasKey)
    {
        if (!hasKey && !IsLoopbackName(host) && !options.AllowedHosts.Contains(host, StringComparer.OrdinalIgnoreCase))
        {
            return $"Host '{Shorten(host)}' is not served here: add it to the allowed hosts";
        }

        if (origin is not null && !IsLoopbackOrigin(origin) && !options.AllowedOrigins.Contains(origin, StringComparer.OrdinalIgnoreCase))
        {
            return $"Origin '{Shorten(origin)}' may not call: add it to the allowed origins";
        }

        return null;
    }

    private static bool IsLoopbackName(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || host is "127.0.0.1" or "[::1]"
        || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));

    private static bool IsLoopbackOrigin(string origin) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && IsLoopbackName(uri.Host);

    private static string Shorten(string text) => text.Length <= 128 ? text : text[..128];
}
