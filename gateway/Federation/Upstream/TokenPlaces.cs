using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;

using ToolRuntime.Functions;

namespace ToolRuntime.Gateway.Federation.Upstream;

/// <summary>
/// Finds where tokens for a server are got, in the order that the specification of 2025-11-25 gives (authorization): its protected resource
/// metadata (RFC 9728) at the place that its challenge names, below its path or at its root; its authorization server's metadata by RFC 8414
/// and by OpenID.
/// </summary>
internal sealed partial class TokenPlaces(UpstreamTarget target, HttpMessageInvoker client)
{
    private const string ResourcePlace = "/.well-known/oauth-protected-resource";
    private static readonly byte[] s_knock = "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"ping\"}"u8.ToArray();

    private RemoteAuthorization Settings => target.Authorization!;

    /// <summary>Finds the place.</summary>
    /// <param name="challenge">What the server said when it refused a request, or nothing.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <exception cref="FunctionFaultException">There is none, or one that the secrets were not given for.</exception>
    public async Task<TokenPlace> FindAsync(string challenge, CancellationToken cancellationToken)
    {
        var resource = target.Url.GetLeftPart(UriPartial.Path);
        if (Settings.TokenUrl is { } given)
        {
            return new TokenPlace(new Uri(given), resource);
        }

        var (described, said) = await DescribedAsync(challenge, cancellationToken);
        var issuer = IssuerOf(described);
        foreach (var place in Places(issuer))
        {
            var (_, server) = await GetAsync(place, cancellationToken);
            if (TokenAnswers.Text(server, "token_endpoint") is { } endpoint)
            {
                return new TokenPlace(new Uri(endpoint), TokenAnswers.Text(described, "resource") ?? resource)
                {
                    Scope = Said(said, "scope") ?? Joined(TokenAnswers.Texts(described, "scopes_supported")),
                    Methods = MethodsOf(server),
                };
            }
        }

        throw TokenAnswers.Failure(target, $"{issuer} names no token endpoint");
    }

    /// <summary>The server's own metadata, or nothing, and the challenge that was known at last.</summary>
    private async Task<(JsonElement Described, string Challenge)> DescribedAsync(string challenge, CancellationToken cancellationToken)
    {
        var path = target.Url.AbsolutePath.TrimEnd('/');
        string?[] places = [Said(challenge, "resource_metadata"), ResourcePlace + path, path.Length > 0 ? ResourcePlace : null];
        foreach (var place in places.OfType<string>())
        {
            var (_, described) = await GetAsync(new Uri(target.Url, place), cancellationToken);
            if (TokenAnswers.Texts(described, "authorization_servers") is { Count: > 0 })
            {
                return (described, challenge);
            }
        }

        return challenge.Length == 0 && await KnockAsync(cancellationToken) is { Length: > 0 } said ? await DescribedAsync(said, cancellationToken) : (default, challenge);
    }

    /// <summary>What the server says to one without a token: metadata may stand where only its challenge tells.</summary>
    private async Task<string> KnockAsync(CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, target.Url) { Content = new ByteArrayContent(s_knock) };
        request.Content.Headers.ContentType = new("application/json");
        request.Headers.Accept.ParseAdd("application/json, text/event-stream");
        using var response = await client.SendAsync(request, cancellationToken);
        return response.StatusCode == HttpStatusCode.Unauthorized ? response.Headers.WwwAuthenticate.ToString() : "";
    }

    private Uri IssuerOf(JsonElement described)
    {
        var issuer = TokenAnswers.Texts(described, "authorization_servers") is [var first, ..] ? new Uri(first) : new Uri(target.Url, "/");
        return string.Equals(issuer.Host, target.Url.Host, StringComparison.OrdinalIgnoreCase) || Settings.Issuer?.TrimEnd('/') == issuer.ToString().TrimEnd('/')
            ? issuer
            : throw TokenAnswers.Failure(target, $"its metadata names the authorization server {issuer}, which is not the one that the secrets were given for: if that is meant, say it as the issuer");
    }

    private static IEnumerable<Uri> Places(Uri issuer)
    {
        var path = issuer.AbsolutePath.TrimEnd('/');
        string[] places = [$"/.well-known/oauth-authorization-server{path}", $"/.well-known/openid-configuration{path}", $"{path}/.well-known/openid-configuration"];
        return places.Distinct(StringComparer.Ordinal).Select(p => new Uri(issuer, p));
    }

    /// <summary>A server that says nothing should take Basic (RFC 8414), and many take only the form.</summary>
    private static IReadOnlyList<string> MethodsOf(JsonElement server) =>
        TokenAnswers.Texts(server, "token_endpoint_auth_methods_supported") is { } said && said.Contains(TokenPlace.Basic, StringComparer.Ordinal) && !said.Contains(TokenPlace.Post, StringComparer.Ordinal)
            ? [TokenPlace.Basic]
            : [TokenPlace.Post, TokenPlace.Basic];

    private async Task<(HttpStatusCode Status, JsonElement Body)> GetAsync(Uri url, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        return await TokenAnswers.ReadAsync(client, request, cancellationToken);
    }

    private static string? Joined(IReadOnlyList<string>? scopes) => scopes is { Count: > 0 } ? string.Join(' ', scopes) : null;

    private static string? Said(string challenge, string name) =>
        Parameters().Matches(challenge).FirstOrDefault(m => m.Groups["name"].Value == name)?.Groups["value"].Value;

    [GeneratedRegex("(?<name>resource_metadata|scope)=\"(?<value>[^\"]+)\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Parameters();
}
