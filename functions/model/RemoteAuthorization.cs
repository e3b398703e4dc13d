namespace ToolRuntime.Functions;

/// <summary>OAuth to a remote MCP server: the gateway's own token, never the caller's.</summary>
public sealed record RemoteAuthorization
{
    /// <summary>The client's id.</summary>
    public required string ClientId { get; init; }

    /// <summary>Name of the stored secret with the client's secret, or null for a public client with a refresh token.</summary>
    public string? ClientSecret { get; init; }

    /// <summary>Name of the stored secret with a refresh token, or null for the grant of client credentials.</summary>
    public string? RefreshToken { get; init; }

    /// <summary>Scopes, separated by spaces; null asks for what the server's own metadata names.</summary>
    public string? Scope { get; init; }

    /// <summary>The authorization server that the secrets are for; needed where the server's metadata names one on another host.</summary>
    public string? Issuer { get; init; }

    /// <summary>The token endpoint; null finds it by RFC 9728 and RFC 8414.</summary>
    public string? TokenUrl { get; init; }
}
