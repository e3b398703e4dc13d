namespace ToolRuntime.OpenApi.Credentials;

/// <summary>Kinds of credentials that an operator can configure.</summary>
public enum CredentialKind
{
    /// <summary>A token for <c>Authorization: Bearer</c>.</summary>
    Bearer,

    /// <summary>A key for the header, query parameter or cookie that the document names.</summary>
    ApiKey,

    /// <summary>A user name and a password.</summary>
    Basic,

    /// <summary>OAuth 2 client credentials.</summary>
    ClientCredentials,

    /// <summary>The caller's own token, exchanged for one of the API (RFC 8693).</summary>
    TokenExchange,

    /// <summary>A header of the caller, passed through.</summary>
    PassThrough,

    /// <summary>A client certificate.</summary>
    MutualTls,
}
