using ToolRuntime.OpenApi.Faults;

namespace ToolRuntime.OpenApi.Credentials;

/// <summary>Reads credentials as the command line has them.</summary>
public static class CredentialText
{
    private const string Forms = "bearer:REF, apikey:REF, basic:USER:REF, oauth2:CLIENT_ID:REF[@TOKEN_URL], exchange:CLIENT_ID:REF[@TOKEN_URL], pass:HEADER or mtls:REF, "
        + "where REF is env:NAME, file:PATH or secret:NAME; SCHEME= before it for one of the document's schemes";

    /// <summary>Reads all; a scheme given twice, or a form that is none, is refused.</summary>
    /// <exception cref="ApiFaultException">One cannot be read. Secrets are not repeated.</exception>
    public static ApiCredentials Parse(IEnumerable<string> texts)
    {
        var named = new Dictionary<string, ApiCredential>(StringComparer.Ordinal);
        var unnamed = new List<ApiCredential>();
        foreach (var text in texts)
        {
            var equals = text.IndexOf('=');
            var colon = text.IndexOf(':');
            if (equals < 0 || (colon >= 0 && colon < equals))
            {
                unnamed.Add(One(text));
            }
            else if (!named.TryAdd(text[..equals], One(text[(equals + 1)..])))
            {
                throw Wrong($"two credentials for the scheme {text[..equals]}");
            }
        }

        return new ApiCredentials { Named = named, Unnamed = unnamed };
    }

    private static ApiCredential One(string text)
    {
        var parts = text.Split(':', 2);
        var rest = parts.Length == 2 ? parts[1] : "";
        return parts[0] switch
        {
            "bearer" => new() { Kind = CredentialKind.Bearer, Secret = SecretReference.Parse(rest) },
            "apikey" => ApiKey(rest),
            "basic" => WithName(CredentialKind.Basic, rest, "basic:USER:REF"),
            "oauth2" => WithTokenUrl(CredentialKind.ClientCredentials, rest, "oauth2:CLIENT_ID:REF"),
            "exchange" => WithTokenUrl(CredentialKind.TokenExchange, rest, "exchange:CLIENT_ID:REF"),
            "pass" when rest.Length > 0 => new() { Kind = CredentialKind.PassThrough, Header = rest },
            "mtls" => new() { Kind = CredentialKind.MutualTls, Secret = SecretReference.Parse(rest) },
            _ => throw Wrong("a credential of an unknown kind"),
        };
    }

    /// <summary><c>apikey:REF</c>, or <c>apikey:HEADER:REF</c> where the document names no header.</summary>
    private static ApiCredential ApiKey(string rest) => rest.Split(':').Length > 2 && !rest.StartsWith("file:", StringComparison.Ordinal)
        ? new() { Kind = CredentialKind.ApiKey, Header = rest.Split(':')[0], Secret = SecretReference.Parse(rest[(rest.IndexOf(':') + 1)..]) }
        : new() { Kind = CredentialKind.ApiKey, Secret = SecretReference.Parse(rest) };

    private static ApiCredential WithName(CredentialKind kind, string rest, string form)
    {
        var colon = rest.IndexOf(':');
        return colon > 0
            ? new() { Kind = kind, Name = rest[..colon], Secret = SecretReference.Parse(rest[(colon + 1)..]) }
            : throw Wrong($"not of the form {form}");
    }

    private static ApiCredential WithTokenUrl(CredentialKind kind, string rest, string form)
    {
        var at = Math.Max(rest.LastIndexOf("@https://", StringComparison.Ordinal), rest.LastIndexOf("@http://", StringComparison.Ordinal));
        return at < 0 ? WithName(kind, rest, form) : WithName(kind, rest[..at], form) with { TokenUrl = rest[(at + 1)..] };
    }

    private static ApiFaultException Wrong(string what) => new(ApiFaultCode.NotConfigured, what, $"write {Forms}");
}
