using System.Net;

using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

using ToolRuntime.Functions;

namespace ToolRuntime.Gateway.Auth;

/// <summary>
/// Step 1 of the way of a call: one <see cref="Caller"/> from the request. A key wins wherever it is given; without one, loopback and
/// Unix sockets are tenant <c>local</c>, and any other address is refused. The management token may call as tenant <c>local</c>.
/// </summary>
public sealed class CallerReader
{
    private readonly KeyRing _keys;
    private readonly HostPolicy _hosts;
    private readonly AdminToken _admin;
    private readonly LocalKey? _local;

    /// <summary>Reads the key file, once.</summary>
    /// <exception cref="InvalidOperationException">An address that is not loopback without a key file, or a wrong key file.</exception>
    public CallerReader(AuthOptions options, AdminToken admin)
    {
        _admin = admin;
        if (options.KeyFile is null && options.Addresses.FirstOrDefault(a => !IPAddress.IsLoopback(a)) is { } open)
        {
            throw new InvalidOperationException($"listening on {open} needs a key file (mode 0600, lines of `key tenant subject`): set one or listen on loopback");
        }

        _keys = options.KeyFile is null ? KeyRing.Empty : KeyRing.Load(options.KeyFile);
        _hosts = new HostPolicy(options);
        _local = options.LocalKeyFile is { } file ? LocalKey.Read(file) : null;
    }

    /// <summary>Who calls, or why not.</summary>
    public CallerResult Read(HttpContext context)
    {
        var key = Credential(context.Request);
        var caller = key is not null ? _keys.Find(key) ?? _local?.Find(key) ?? _admin.Find(key) : IsLocal(context) ? Caller.Local : null;
        if (caller is null)
        {
            return new CallerResult(null, StatusCodes.Status401Unauthorized, key is null ? "a key is needed: Authorization: Bearer KEY, or X-API-Key" : "the key is not known here");
        }

        var origin = context.Request.Headers.Origin;
        var refusal = _hosts.Refuse(context.Request.Host.Host, origin.Count == 0 ? null : origin.ToString(), key is not null);
        return refusal is null ? new CallerResult(caller, StatusCodes.Status200OK, "") : new CallerResult(null, StatusCodes.Status403Forbidden, refusal);
    }

    /// <summary>The credential that a request carries, or null.</summary>
    public static string? Credential(HttpRequest request)
    {
        const string Scheme = "Bearer ";
        var authorization = request.Headers.Authorization;
        if (authorization.Count > 0 && authorization.ToString() is var text && text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return text[Scheme.Length..].Trim();
        }

        var header = request.Headers["X-API-Key"];
        return header.Count > 0 ? header.ToString() : null;
    }

    /// <summary>Whether the request came over a Unix socket, whose file mode (0600) already says who may.</summary>
    public static bool IsUnixSocket(HttpContext context) =>
        context.Features.Get<IConnectionEndPointFeature>()?.LocalEndPoint is System.Net.Sockets.UnixDomainSocketEndPoint;

    private static bool IsLocal(HttpContext context)
    {
        // A reverse proxy on this machine connects from loopback for strangers.
        if (context.Request.Headers.ContainsKey("Forwarded") || context.Request.Headers.ContainsKey("X-Forwarded-For"))
        {
            return false;
        }

        return context.Connection.RemoteIpAddress is { } remote ? IPAddress.IsLoopback(remote) : IsUnixSocket(context);
    }
}
