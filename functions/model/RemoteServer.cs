namespace ToolRuntime.Functions;

/// <summary>An MCP server somewhere else, reached over HTTP.</summary>
public sealed record RemoteServer
{
    /// <summary>Absolute <c>http</c> or <c>https</c> URL of its endpoint, without user, password and fragment.</summary>
    public required string Url { get; init; }

    /// <summary>How it speaks; found out at the first connection where it is not said.</summary>
    public RemoteTransport Transport { get; init; }

    /// <summary>Which callers share one session of a server that keeps sessions.</summary>
    public RemoteSessions Sessions { get; init; }

    /// <summary>Headers of every request, by name. A value may end with <c>secret:NAME</c>, which stands for a stored secret.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new SortedDictionary<string, string>(StringComparer.Ordinal);

    /// <summary>How a token is got, or null where <see cref="Headers"/> say all.</summary>
    public RemoteAuthorization? Authorization { get; init; }

    /// <summary>Addresses, hosts or networks (<c>10.0.0.0/8</c>) that may be reached though they are private.</summary>
    public IReadOnlyList<string> AllowHosts { get; init; } = [];

    /// <summary>Seconds between looks at its lists while it says nothing itself, 10 to 86,400.</summary>
    public int RefreshSeconds { get; init; } = 300;
}
