namespace ToolRuntime.OpenApi.Upstream;

/// <summary>What a call brings along beside its request.</summary>
public sealed record UpstreamCall
{
    /// <summary>Who calls: nobody is served from another's cache.</summary>
    public required string Caller { get; init; }

    /// <summary>Adds the credentials, or null where none are needed.</summary>
    public Authorize? Authorize { get; init; }

    /// <summary>Origins (<c>https://api.example.com:443</c>) that credentials may go to, beside the request's own.</summary>
    public IReadOnlySet<string> TrustedOrigins { get; init; } = new HashSet<string>(StringComparer.Ordinal);

    /// <summary>The W3C trace context, passed on; null for none.</summary>
    public string? TraceParent { get; init; }

    /// <summary>The trace state that goes with it.</summary>
    public string? TraceState { get; init; }

    /// <summary>What the call may take where that is less than the source's own bound; null for that.</summary>
    public TimeSpan? Timeout { get; init; }
}
