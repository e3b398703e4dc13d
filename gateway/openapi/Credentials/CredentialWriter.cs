using System.Collections.Concurrent;
using System.Text;

using ToolRuntime.OpenApi.Faults;
using ToolRuntime.OpenApi.Fetching;
using ToolRuntime.OpenApi.Model;
using ToolRuntime.OpenApi.Requests;

namespace ToolRuntime.OpenApi.Credentials;

/// <summary>Puts credentials into requests. Secrets are read when they are needed and are in no log, message or argument.</summary>
public sealed class CredentialWriter : IDisposable
{
    private const int MostDiscoveries = 64;

    private readonly ReadSecret _secrets;
    private readonly TokenClient _client;
    private readonly TokenCache _tokens;
    private readonly ConcurrentDictionary<string, Uri> _discovered = new(StringComparer.Ordinal);

    /// <summary>A writer for one source.</summary>
    /// <param name="options">Bounds of getting tokens.</param>
    /// <param name="connector">How token endpoints are reached.</param>
    /// <param name="secrets">Where secrets come from.</param>
    /// <param name="time">The clock.</param>
    public CredentialWriter(TokenOptions options, PinnedConnector connector, ReadSecret secrets, TimeProvider time)
    {
        _secrets = secrets;
        _client = new TokenClient(options, connector, secrets, time);
        _tokens = new TokenCache(options, _client, time);
    }

    /// <summary>The request with the credentials in it.</summary>
    /// <param name="request">The request without them.</param>
    /// <param name="chosen">What it is shown.</param>
    /// <param name="caller">Who calls.</param>
    /// <param name="refused">Tokens that were refused, by scheme; new ones are got, and this is filled with what was used.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="ApiFaultException">A secret is not there, or no token can be had.</exception>
    public async ValueTask<ApiRequest> WriteAsync(
        ApiRequest request, IReadOnlyList<ChosenCredential> chosen, ApiCaller caller, IDictionary<string, string> refused, CancellationToken cancellationToken)
    {
        foreach (var credential in chosen)
        {
            request = credential.Credential.Kind switch
            {
                CredentialKind.MutualTls => request,
                CredentialKind.PassThrough => PassThrough(request, credential, caller),
                CredentialKind.ClientCredentials or CredentialKind.TokenExchange =>
                    Authorized(request, "Bearer", await TokenAsync(request, credential, caller, refused, cancellationToken)),
                _ => Place(request, credential, await SecretAsync(credential.Credential, cancellationToken)),
            };
        }

        return request;
    }

    /// <summary>Whether new credentials can be got where old ones were refused.</summary>
    public static bool CanRenew(IEnumerable<ChosenCredential> chosen) =>
        chosen.Any(c => c.Credential.Kind is CredentialKind.ClientCredentials or CredentialKind.TokenExchange);

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private static ApiRequest Place(ApiRequest request, ChosenCredential chosen, string secret)
    {
        var scheme = chosen.Scheme;
        return (scheme.Kind, scheme.Place) switch
        {
            (ApiSecurityKind.Basic, _) => Authorized(request, "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{chosen.Credential.Name}:{secret}"))),
            (ApiSecurityKind.HttpOther, _) => Authorized(request, scheme.HttpScheme, secret),
            (ApiSecurityKind.ApiKey, _) when chosen.Credential.Kind == CredentialKind.Bearer => Authorized(request, "Bearer", secret),
            (ApiSecurityKind.ApiKey, ParameterPlace.Query) => request.WithQuery(scheme.Name, secret),
            (ApiSecurityKind.ApiKey, ParameterPlace.Cookie) => request.WithCookie(scheme.Name, PercentEncoding.Of(secret, Escape.Strict)),
            (ApiSecurityKind.ApiKey, _) => request.WithHeader(scheme.Name, secret),
            _ => Authorized(request, "Bearer", secret),
        };
    }

    private static ApiRequest PassThrough(ApiRequest request, ChosenCredential chosen, ApiCaller caller)
    {
        var header = chosen.Credential.Header;
        return caller.Headers.TryGetValue(header, out var value)
            ? request.WithHeader(chosen.Scheme is { Kind: ApiSecurityKind.ApiKey, Place: ParameterPlace.Header, Name.Length: > 0 } key ? key.Name : header, Safe(value, header))
            : throw new ApiFaultException(ApiFaultCode.NotConfigured, $"the caller's header {header} is needed and was not sent", $"send {header} with the request");
    }

    private static ApiRequest Authorized(ApiRequest request, string scheme, string value) => request.WithHeader("Authorization", $"{scheme} {value}");

    private async ValueTask<string> SecretAsync(ApiCredential credential, CancellationToken cancellationToken)
    {
        var secret = await _secrets(credential.Secret!, cancellationToken);
        return string.IsNullOrEmpty(secret)
            ? throw new ApiFaultException(ApiFaultCode.NotConfigured, $"the secret {credential.Secret} is not there", "set it")
            : Safe(secret, credential.Secret!.ToString());
    }

    private static string Safe(string value, string where) => value.AsSpan().IndexOfAny("\r\n\0") < 0
        ? value
        : throw new ApiFaultException(ApiFaultCode.NotConfigured, $"{where} holds a line break", "give it without one");

    private async Task<string> TokenAsync(ApiRequest request, ChosenCredential chosen, ApiCaller caller, IDictionary<string, string> refused, CancellationToken cancellationToken)
    {
        var isExchange = chosen.Credential.Kind == CredentialKind.TokenExchange;
        var subjectToken = isExchange
            ? caller.Token ?? throw new ApiFaultException(ApiFaultCode.NotConfigured, "the caller's own token is needed and was not sent", "call with a token of your own")
            : null;
        var url = await TokenUrlAsync(request, chosen, cancellationToken);
        var ask = new TokenRequest(chosen.SchemeName, chosen.Credential, url, string.Join(' ', chosen.Scopes), isExchange ? caller.Subject : "", subjectToken);
        var token = await _tokens.GetAsync(ask, refused.TryGetValue(chosen.SchemeName, out var old) ? old : null, cancellationToken);
        refused[chosen.SchemeName] = token.Value;
        return Safe(token.Value, "a token");
    }

    private async Task<Uri> TokenUrlAsync(ApiRequest request, ChosenCredential chosen, CancellationToken cancellationToken)
    {
        var text = chosen.Credential.TokenUrl ?? chosen.Scheme.TokenUrl;
        if (text is null && chosen.Scheme.OpenIdConnectUrl is { } discovery)
        {
            if (_discovered.TryGetValue(discovery, out var known))
            {
                return known;
            }

            text = await _client.DiscoverAsync(Absolute(request, discovery), cancellationToken);
            if (_discovered.Count < MostDiscoveries)
            {
                _discovered[discovery] = Absolute(request, text);
            }
        }

        return Absolute(request, text ?? throw new ApiFaultException(
            ApiFaultCode.NotConfigured, $"nobody says where tokens of {chosen.SchemeName} come from", "give the token URL: oauth2:CLIENT_ID:REF@https://…"));
    }

    /// <summary>A URL of the document, which may be relative to the server.</summary>
    private static Uri Absolute(ApiRequest request, string url) =>
        Uri.TryCreate(request.ToUri(), url, out var absolute) && (absolute.Scheme == Uri.UriSchemeHttp || absolute.Scheme == Uri.UriSchemeHttps)
            ? absolute
            : throw new ApiFaultException(ApiFaultCode.NotConfigured, "the token URL is no HTTP URL");
}
