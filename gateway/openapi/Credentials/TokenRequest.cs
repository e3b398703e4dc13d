namespace ToolRuntime.OpenApi.Credentials;

/// <summary>What a token is asked for with. Two requests with the same key have the same token.</summary>
/// <param name="Scheme">The document's scheme.</param>
/// <param name="Credential">The client.</param>
/// <param name="TokenUrl">Where to ask.</param>
/// <param name="Scopes">The scopes, separated by blanks.</param>
/// <param name="Subject">The caller, where the token is theirs; else empty.</param>
/// <param name="SubjectToken">Their token, which is exchanged; null for client credentials.</param>
internal sealed record TokenRequest(string Scheme, ApiCredential Credential, Uri TokenUrl, string Scopes, string Subject, string? SubjectToken)
{
    /// <summary>By what tokens are kept. A caller who comes with a new token gets a new one.</summary>
    public string Key => string.Join('\n', Scheme, Credential.Name, TokenUrl.AbsoluteUri, Scopes, Subject,
        SubjectToken is null ? "" : Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(SubjectToken))));

    public override string ToString() => $"{Scheme} at {TokenUrl.Host}";
}
