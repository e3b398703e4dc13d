using ToolRuntime.OpenApi.Faults;
using ToolRuntime.OpenApi.Model;

namespace ToolRuntime.OpenApi.Credentials;

/// <summary>
/// Chooses what an operation is shown: the first of its alternatives all of whose schemes have a credential; nothing where one alternative is
/// empty. Pure. Of a document that never says <c>security</c>, every operation gets all credentials that are configured.
/// </summary>
public sealed class CredentialChooser
{
    private static readonly string[] s_impossible = ["digest", "negotiate", "ntlm", "hoba", "mutual", "scram-sha-1", "scram-sha-256", "dpop"];

    private readonly ApiModel _model;
    private readonly ApiCredentials _credentials;
    private readonly bool _isSilent;

    /// <summary>Chooses for the operations of <paramref name="model"/>.</summary>
    public CredentialChooser(ApiModel model, ApiCredentials credentials)
    {
        (_model, _credentials) = (model, credentials);
        _isSilent = model.Operations.All(o => o.Security.Count == 0);
    }

    /// <summary>The credentials of an operation; empty for none.</summary>
    /// <exception cref="ApiFaultException">It needs one and none is configured: says which.</exception>
    public IReadOnlyList<ChosenCredential> Choose(ApiOperation operation)
    {
        if (operation.Security.Count == 0)
        {
            return _isSilent ? Unasked() : [];
        }

        foreach (var alternative in operation.Security.Where(s => s.Schemes.Count > 0))
        {
            var chosen = alternative.Schemes.Select(s => Satisfy(s.Key, s.Value)).ToList();
            if (chosen.All(c => c is not null))
            {
                return chosen!;
            }
        }

        return operation.Security.Any(s => s.Schemes.Count == 0) ? [] : throw Missing(operation);
    }

    /// <summary>Every credential as the scheme it is named for has it, else as the first scheme that it fits, else as is usual for its kind.</summary>
    private IReadOnlyList<ChosenCredential> Unasked() =>
    [
        .. _credentials.Named.Keys.Select(n => Satisfy(n, [])).OfType<ChosenCredential>(),
        .. _credentials.Unnamed.Select(c => _model.SecuritySchemes.Where(s => Fits(c, s.Value)).Select(s => new ChosenCredential(s.Key, s.Value, [], c)).FirstOrDefault() ?? Undeclared(c)),
    ];

    private ChosenCredential? Satisfy(string name, IReadOnlyList<string> scopes)
    {
        if (!_model.SecuritySchemes.TryGetValue(name, out var scheme))
        {
            return null;
        }

        var credential = _credentials.Named.GetValueOrDefault(name) ?? _credentials.Unnamed.FirstOrDefault(c => Fits(c, scheme));
        return credential is not null && Fits(credential, scheme) ? new ChosenCredential(name, scheme, scopes, credential) : null;
    }

    private static bool Fits(ApiCredential credential, ApiSecurityScheme scheme) => credential.Kind switch
    {
        CredentialKind.ApiKey => scheme.Kind == ApiSecurityKind.ApiKey,
        CredentialKind.Basic => scheme.Kind == ApiSecurityKind.Basic,
        CredentialKind.MutualTls => scheme.Kind == ApiSecurityKind.MutualTls,
        CredentialKind.Bearer => scheme.Kind is ApiSecurityKind.Bearer or ApiSecurityKind.OAuth2 or ApiSecurityKind.OpenIdConnect
            || IsAuthorizationKey(scheme)
            || (scheme.Kind == ApiSecurityKind.HttpOther && !s_impossible.Contains(scheme.HttpScheme, StringComparer.OrdinalIgnoreCase)),
        CredentialKind.ClientCredentials or CredentialKind.TokenExchange => scheme.Kind is ApiSecurityKind.OAuth2 or ApiSecurityKind.OpenIdConnect
            || (scheme.Kind == ApiSecurityKind.Bearer && credential.TokenUrl is not null),
        CredentialKind.PassThrough => scheme.Kind != ApiSecurityKind.MutualTls,
        _ => false,
    };

    /// <summary>A bearer token that the document describes as a key in the header <c>Authorization</c>.</summary>
    private static bool IsAuthorizationKey(ApiSecurityScheme scheme) =>
        scheme is { Kind: ApiSecurityKind.ApiKey, Place: ParameterPlace.Header } && scheme.Name.Equals("Authorization", StringComparison.OrdinalIgnoreCase);

    private static ChosenCredential Undeclared(ApiCredential credential) => new("", credential.Kind switch
    {
        CredentialKind.ApiKey => new ApiSecurityScheme { Kind = ApiSecurityKind.ApiKey, Name = credential.Header.Length > 0 ? credential.Header : "X-API-Key" },
        CredentialKind.Basic => new ApiSecurityScheme { Kind = ApiSecurityKind.Basic },
        CredentialKind.MutualTls => new ApiSecurityScheme { Kind = ApiSecurityKind.MutualTls },
        CredentialKind.ClientCredentials or CredentialKind.TokenExchange => new ApiSecurityScheme { Kind = ApiSecurityKind.OAuth2, TokenUrl = credential.TokenUrl },
        _ => new ApiSecurityScheme { Kind = ApiSecurityKind.Bearer },
    }, [], credential);

    private ApiFaultException Missing(ApiOperation operation)
    {
        var wanted = string.Join(" or ", operation.Security.Select(s => string.Join(" with ", s.Schemes.Keys.Select(Describe))));
        return new ApiFaultException(ApiFaultCode.NotConfigured, $"{operation.Method} {operation.Path} needs a credential that is not configured: {wanted}",
            $"configure one: {string.Join(" or ", operation.Security.First(s => s.Schemes.Count > 0).Schemes.Keys.Select(Form))}");
    }

    private string Describe(string name) => _model.SecuritySchemes.TryGetValue(name, out var scheme) ? $"{name} ({scheme.Kind})" : $"{name} (not in the document)";

    private string Form(string name) => $"--auth {name}=" + (_model.SecuritySchemes.GetValueOrDefault(name)?.Kind switch
    {
        ApiSecurityKind.ApiKey => "apikey:env:NAME",
        ApiSecurityKind.Basic => "basic:USER:env:NAME",
        ApiSecurityKind.OAuth2 or ApiSecurityKind.OpenIdConnect => "oauth2:CLIENT_ID:env:NAME",
        ApiSecurityKind.MutualTls => "mtls:file:PATH",
        _ => "bearer:env:NAME",
    });
}
