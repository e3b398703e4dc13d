using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

using ToolRuntime.Functions;

namespace ToolRuntime.Gateway.Federation.Upstream;

/// <summary>
/// The gateway's own access token for one server: by client credentials, or by a stored refresh token. Where the token endpoint is, the
/// server's protected resource metadata (RFC 9728) and its authorization server's metadata (RFC 8414) say. One request at a time.
/// </summary>
internal sealed partial class UpstreamTokens(UpstreamTarget target, HttpMessageInvoker client, TimeProvider time) : IDisposable
{
    private const int MaximumBody = 256 * 1024;
    private static readonly TimeSpan s_skew = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_unsaid = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private string? _token;
    private DateTimeOffset _ends;
    private string _challenge = "";

    private RemoteAuthorization Settings => target.Authorization!;

    /// <summary>A token that is good for some time.</summary>
    /// <exception cref="FunctionFaultException">None can be got; says what the authorization server said, never a secret.</exception>
    public async ValueTask<string> GetAsync(CancellationToken cancellationToken)
    {
        if (Present() is { } present)
        {
            return present;
        }

        using var patience = new CancellationTokenSource(s_patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        await _turn.WaitAsync(either.Token);
        try
        {
            return Present() ?? await FetchAsync(either.Token);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            throw Failure("the authorization server did not answer in time");
        }
        catch (Exception error) when (error is HttpRequestException or JsonException or UriFormatException)
        {
            throw Failure(error.Message);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>The server refused the token; its challenge may say where metadata is.</summary>
    public void Refused(string challenge)
    {
        (_challenge, _token) = (challenge, null);
    }

    public void Dispose() => _turn.Dispose();

    private string? Present() => _token is { } token && time.GetUtcNow() < _ends - s_skew ? token : null;

    private async Task<string> FetchAsync(CancellationToken cancellationToken)
    {
        var (endpoint, resource) = await EndpointAsync(cancellationToken);
        var form = new List<KeyValuePair<string, string>> { new("client_id", Settings.ClientId), new("resource", resource) };
        form.AddRange(Settings.RefreshToken is { } name
            ? [new("grant_type", "refresh_token"), new("refresh_token", target.Secret(name))]
            : [new("grant_type", "client_credentials")]);
        if (Settings.ClientSecret is { } secret)
        {
            form.Add(new("client_secret", target.Secret(secret)));
        }

        if (Settings.Scope is { } scope)
        {
            form.Add(new("scope", scope));
        }

        using var request = new HttpRequestMessage(HttpMethod.Post, endpoint) { Content = new FormUrlEncodedContent(form) };
        var (status, answer) = await JsonAsync(request, cancellationToken);
        if (Text(answer, "access_token") is not { } token)
        {
            throw Failure($"the token endpoint answered {(int)status} {Text(answer, "error")} {Text(answer, "error_description")}".TrimEnd());
        }

        var lifetime = answer.TryGetProperty("expires_in", out var seconds) && seconds.TryGetInt32(out var number) ? TimeSpan.FromSeconds(number) : s_unsaid;
        (_ends, _token) = (time.GetUtcNow() + lifetime, token);
        return token;
    }

    private async Task<(Uri Endpoint, string Resource)> EndpointAsync(CancellationToken cancellationToken)
    {
        var resource = target.Url.GetLeftPart(UriPartial.Path);
        if (Settings.TokenUrl is { } given)
        {
            return (new Uri(given), resource);
        }

        var metadata = ResourceMetadata().Match(_challenge) is { Success: true } match
            ? new Uri(target.Url, match.Groups["url"].Value)
            : new Uri(target.Url, $"/.well-known/oauth-protected-resource{target.Url.AbsolutePath.TrimEnd('/')}");
        var (_, described) = await GetAsync(metadata, cancellationToken);
        var issuer = described.ValueKind == JsonValueKind.Object && described.TryGetProperty("authorization_servers", out var servers) && servers.ValueKind == JsonValueKind.Array && servers.GetArrayLength() > 0
            ? new Uri(servers[0].GetString()!)
            : new Uri(target.Url, "/");
        if (!string.Equals(issuer.Host, target.Url.Host, StringComparison.OrdinalIgnoreCase) && Settings.Issuer?.TrimEnd('/') != issuer.ToString().TrimEnd('/'))
        {
            throw Failure($"its metadata names the authorization server {issuer}, which is not the one that the secrets were given for: if that is meant, say it as the issuer");
        }

        foreach (var place in new[] { "oauth-authorization-server", "openid-configuration" })
        {
            var (_, server) = await GetAsync(new Uri(issuer, $"/.well-known/{place}{issuer.AbsolutePath.TrimEnd('/')}"), cancellationToken);
            if (Text(server, "token_endpoint") is { } endpoint)
            {
                return (new Uri(endpoint), Text(described, "resource") ?? resource);
            }
        }

        throw Failure($"{issuer} names no token endpoint");
    }

    private async Task<(HttpStatusCode Status, JsonElement Body)> GetAsync(Uri url, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        return await JsonAsync(request, cancellationToken);
    }

    private async Task<(HttpStatusCode Status, JsonElement Body)> JsonAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.Accept.ParseAdd("application/json");
        using var response = await client.SendAsync(request, cancellationToken);
        var body = await UpstreamBody.ReadAsync(response.Content, MaximumBody, cancellationToken);
        try
        {
            return (response.StatusCode, JsonElement.Parse(Encoding.UTF8.GetString(body)));
        }
        catch (JsonException)
        {
            return (response.StatusCode, default);
        }
    }

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private FunctionFaultException Failure(string what) =>
        new(FaultCode.UpstreamFailed, $"no token for the MCP server '{target.Name}': {what}", "see its authorization: client id, secret, scope, token URL");

    [GeneratedRegex("resource_metadata=\"(?<url>[^\"]+)\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ResourceMetadata();
}
