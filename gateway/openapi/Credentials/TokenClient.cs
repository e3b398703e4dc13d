using System.Text;
using System.Text.Json;

using ToolRuntime.OpenApi.Bodies;
using ToolRuntime.OpenApi.Faults;
using ToolRuntime.OpenApi.Fetching;
using ToolRuntime.OpenApi.Requests;

namespace ToolRuntime.OpenApi.Credentials;

/// <summary>Asks token endpoints: client credentials (RFC 6749, 4.4), token exchange (RFC 8693), OpenID Connect discovery.</summary>
internal sealed class TokenClient(TokenOptions options, PinnedConnector connector, ReadSecret secrets, TimeProvider time) : IDisposable
{
    private static readonly BodyLimits s_limits = new() { MaxBytes = 256 * 1024 };

    private readonly HttpMessageInvoker _http = new(connector.CreateHandler(TimeSpan.FromSeconds(10)));

    /// <summary>A new token.</summary>
    /// <exception cref="ApiFaultException">It is refused, or the endpoint does not answer.</exception>
    public async Task<AccessToken> AskAsync(TokenRequest request, CancellationToken cancellationToken)
    {
        var secret = await secrets(request.Credential.Secret!, cancellationToken)
            ?? throw new ApiFaultException(ApiFaultCode.NotConfigured, $"the secret {request.Credential.Secret} is not there", "set it");
        var now = time.GetUtcNow();
        // RFC 6749, 2.3.1: every server takes the client in the header; some do not, and say so.
        var (status, answer) = await PostAsync(request, secret, isInBody: false, cancellationToken);
        if (status is 400 or 401 && Member(answer, "error") is null or "invalid_client" or "invalid_request")
        {
            (status, answer) = await PostAsync(request, secret, isInBody: true, cancellationToken);
        }

        if (status != 200 || Member(answer, "access_token") is not { Length: > 0 } token)
        {
            throw new ApiFaultException(ApiFaultCode.CredentialRefused, $"{request.TokenUrl.Host} gives no token: status {status} {Clean(Member(answer, "error"))} {Clean(Member(answer, "error_description"))}".TrimEnd(),
                "check the client's id, secret and scopes");
        }

        var life = answer.TryGetProperty("expires_in", out var seconds) && Seconds(seconds) is { } given ? TimeSpan.FromSeconds(given) : options.DefaultLifetime;
        return new AccessToken(token, now + life - TimeSpan.FromTicks(Math.Min(options.Skew.Ticks, life.Ticks / 10)));
    }

    /// <summary>The token endpoint that a discovery document names.</summary>
    public async Task<string> DiscoverAsync(Uri url, CancellationToken cancellationToken)
    {
        using var message = new HttpRequestMessage(HttpMethod.Get, url);
        var (_, answer) = await SendAsync(message, cancellationToken);
        return Member(answer, "token_endpoint") ?? throw TransportFaults.Bad(url.Host, "its OpenID configuration names no token endpoint");
    }

    public void Dispose() => _http.Dispose();

    private async Task<(int Status, JsonElement Answer)> PostAsync(TokenRequest request, string secret, bool isInBody, CancellationToken cancellationToken)
    {
        var form = new List<(string, string?)>
        {
            ("grant_type", request.SubjectToken is null ? "client_credentials" : "urn:ietf:params:oauth:grant-type:token-exchange"),
            ("scope", request.Scopes.Length == 0 ? null : request.Scopes),
            ("audience", request.Credential.Audience),
        };
        if (request.SubjectToken is not null)
        {
            form.Add(("subject_token", request.SubjectToken));
            form.Add(("subject_token_type", "urn:ietf:params:oauth:token-type:access_token"));
        }

        if (isInBody)
        {
            form.Add(("client_id", request.Credential.Name));
            form.Add(("client_secret", secret));
        }

        var text = string.Join('&', form.Where(f => f.Item2 is not null).Select(f => $"{f.Item1}={PercentEncoding.Of(f.Item2!, Escape.Form)}"));
        using var message = new HttpRequestMessage(HttpMethod.Post, request.TokenUrl)
        {
            Content = new StringContent(text, Encoding.UTF8, "application/x-www-form-urlencoded"),
        };
        if (!isInBody)
        {
            var client = $"{PercentEncoding.Of(request.Credential.Name, Escape.Form)}:{PercentEncoding.Of(secret, Escape.Form)}";
            message.Headers.TryAddWithoutValidation("Authorization", $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes(client))}");
        }

        return await SendAsync(message, cancellationToken);
    }

    private async Task<(int Status, JsonElement Answer)> SendAsync(HttpRequestMessage message, CancellationToken cancellationToken)
    {
        var host = message.RequestUri!.Host;
        using var timer = new CancellationTokenSource(options.Timeout, time);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        message.Headers.TryAddWithoutValidation("Accept", "application/json");
        try
        {
            using var answer = await _http.SendAsync(message, deadline.Token);
            var bytes = await WholeBody.ReadAsync(answer.Content, host, s_limits, deadline.Token, cancellationToken);
            return ((int)answer.StatusCode, Parsed(bytes));
        }
        catch (Exception failed) when (!cancellationToken.IsCancellationRequested && TransportFaults.Of(failed, host, deadline.IsCancellationRequested) is { } fault)
        {
            throw new ApiFaultException(fault, failed);
        }
    }

    private static JsonElement Parsed(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return default;
        }
    }

    private static string? Member(JsonElement answer, string name) =>
        answer.ValueKind == JsonValueKind.Object && answer.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static double? Seconds(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number when value.TryGetDouble(out var number) && number is > 0 and < 1e9 => number,
        JsonValueKind.String when double.TryParse(value.GetString(), System.Globalization.CultureInfo.InvariantCulture, out var number) && number is > 0 and < 1e9 => number,
        _ => null,
    };

    private static string Clean(string? text) => string.Concat((text ?? "").Where(c => !char.IsControl(c)).Take(200));
}
