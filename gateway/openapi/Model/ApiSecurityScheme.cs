namespace ToolRuntime.OpenApi.Model;

/// <summary>A way in which an API wants to be shown a credential.</summary>
public sealed record ApiSecurityScheme
{
    /// <summary>Which way.</summary>
    public required ApiSecurityKind Kind { get; init; }

    /// <summary>For <see cref="ApiSecurityKind.ApiKey"/>: where it stands (header, query or cookie).</summary>
    public ParameterPlace Place { get; init; } = ParameterPlace.Header;

    /// <summary>For <see cref="ApiSecurityKind.ApiKey"/>: the name of the header, query parameter or cookie.</summary>
    public string Name { get; init; } = "";

    /// <summary>For <see cref="ApiSecurityKind.HttpOther"/>: the scheme's name, for example <c>digest</c>.</summary>
    public string HttpScheme { get; init; } = "";

    /// <summary>For <see cref="ApiSecurityKind.OAuth2"/> with a client-credentials flow, and for OpenID Connect where it is known: where tokens come from.</summary>
    public string? TokenUrl { get; init; }

    /// <summary>For OpenID Connect: the discovery document.</summary>
    public string? OpenIdConnectUrl { get; init; }

    /// <summary>Whether the scheme offers the client-credentials flow.</summary>
    public bool HasClientCredentials { get; init; }
}
