namespace ToolRuntime.OpenApi.Credentials;

/// <summary>A credential as it is configured: references, never secrets.</summary>
public sealed record ApiCredential
{
    /// <summary>Which kind.</summary>
    public required CredentialKind Kind { get; init; }

    /// <summary>Where the token, key, password, client secret or certificate is; null for <see cref="CredentialKind.PassThrough"/>.</summary>
    public SecretReference? Secret { get; init; }

    /// <summary>The user's name or the client's id.</summary>
    public string Name { get; init; } = "";

    /// <summary>The header that is passed through, or that an API key goes to where the document does not say.</summary>
    public string Header { get; init; } = "";

    /// <summary>Where tokens come from, in place of what the document says; null for that.</summary>
    public string? TokenUrl { get; init; }

    /// <summary>Whom an exchanged token is for, or null.</summary>
    public string? Audience { get; init; }
}
