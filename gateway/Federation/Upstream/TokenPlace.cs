namespace ToolRuntime.Gateway.Federation.Upstream;

/// <summary>Where tokens for a server are got.</summary>
/// <param name="Endpoint">The token endpoint.</param>
/// <param name="Resource">What the token is for (RFC 8707).</param>
internal sealed record TokenPlace(Uri Endpoint, string Resource)
{
    /// <summary>The secret as a member of the form.</summary>
    public const string Post = "client_secret_post";

    /// <summary>The secret as HTTP Basic.</summary>
    public const string Basic = "client_secret_basic";

    /// <summary>Scopes that the server asks for, separated by spaces, or null.</summary>
    public string? Scope { get; init; }

    /// <summary>How the client says who it is, in the order in which it is tried.</summary>
    public IReadOnlyList<string> Methods { get; init; } = [Post, Basic];
}
