using System.Net;

namespace ToolRuntime.Gateway.Auth;

/// <summary>Who may call, and from where.</summary>
public sealed record AuthOptions
{
    /// <summary>Addresses on which the process will listen. Any that is not loopback needs <see cref="KeyFile"/>.</summary>
    public IReadOnlyList<IPAddress> Addresses { get; init; } = [IPAddress.Loopback];

    /// <summary>File (mode 0600) with one line per key, <c>key tenant subject</c>; empty lines and those that begin with <c>#</c> are passed over. Null: loopback only.</summary>
    public string? KeyFile { get; init; }

    /// <summary>File (mode 0600) whose first line is the token of the management API; null leaves it to Unix sockets.</summary>
    public string? AdminTokenFile { get; init; }

    /// <summary>File (mode 0600) whose first line is a key of tenant <c>local</c>, for clients that must send one; null for none. Made where it is missing.</summary>
    public string? LocalKeyFile { get; init; }

    /// <summary>Host names, beside those of loopback, that requests without a key may name; guards against DNS rebinding.</summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    /// <summary>Origins (<c>scheme://host[:port]</c>), beside those of loopback, from which browsers may call.</summary>
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];
}
