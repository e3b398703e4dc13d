namespace ToolRuntime.OpenApi.Model;

/// <summary>Kinds of security schemes.</summary>
public enum ApiSecurityKind
{
    /// <summary>A key in a header, the query or a cookie.</summary>
    ApiKey,

    /// <summary>HTTP basic.</summary>
    Basic,

    /// <summary>HTTP bearer.</summary>
    Bearer,

    /// <summary>Another HTTP authentication scheme.</summary>
    HttpOther,

    /// <summary>OAuth 2.</summary>
    OAuth2,

    /// <summary>OpenID Connect.</summary>
    OpenIdConnect,

    /// <summary>A client certificate.</summary>
    MutualTls,
}
