using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

using ToolRuntime.Functions;

namespace ToolRuntime.Gateway.Federation.Upstream;

/// <summary>
/// The gateway's own access token for one server: by client credentials, or by a stored refresh token, which is stored anew where it is
/// exchanged for another. One request at a time.
/// </summary>
internal sealed class UpstreamTokens(UpstreamTarget target, HttpMessageInvoker client, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan s_skew = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_unsaid = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly TokenPlaces _places = new(target, client);
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
        var place = await _places.FindAsync(_challenge, cancellationToken);
        HttpStatusCode status = default;
        JsonElement answer = default;
        foreach (var method in place.Methods)
        {
            using var request = Request(place, method);
            (status, answer) = await TokenAnswers.ReadAsync(client, request, cancellationToken);
            if (TokenAnswers.Text(answer, "access_token") is { } token)
            {
                Keep(answer);
                (_ends, _token) = (time.GetUtcNow() + LifetimeOf(answer), token);
                return token;
            }

            if (Settings.ClientSecret is null || TokenAnswers.Text(answer, "error") != "invalid_client")
            {
                break;
            }
        }

        throw Failure($"the token endpoint answered {(int)status} {TokenAnswers.Text(answer, "error")} {TokenAnswers.Text(answer, "error_description")}".TrimEnd());
    }

    private HttpRequestMessage Request(TokenPlace place, string method)
    {
        var form = new List<KeyValuePair<string, string>> { new("resource", place.Resource) };
        form.AddRange(Settings.RefreshToken is { } name
            ? [new("grant_type", "refresh_token"), new("refresh_token", target.Secret(name))]
            : [new("grant_type", "client_credentials")]);

        // A refreshed token has the scopes that were granted to the first one.
        if ((Settings.Scope ?? (Settings.RefreshToken is null ? place.Scope : null)) is { } scope)
        {
            form.Add(new("scope", scope));
        }

        var secret = Settings.ClientSecret is { } named ? target.Secret(named) : null;
        var isBasic = secret is not null && method == TokenPlace.Basic;
        if (!isBasic)
        {
            form.Add(new("client_id", Settings.ClientId));
            form.AddRange(secret is null ? [] : [new("client_secret", secret)]);
        }

        return new HttpRequestMessage(HttpMethod.Post, place.Endpoint)
        {
            Content = new FormUrlEncodedContent(form),
            Headers = { Authorization = isBasic ? Basic(Settings.ClientId, secret!) : null },
        };
    }

    /// <summary>An authorization server that gives another refresh token with each answer takes the earlier one no more.</summary>
    private void Keep(JsonElement answer)
    {
        if (Settings.RefreshToken is { } name && TokenAnswers.Text(answer, "refresh_token") is { } renewed && renewed != target.Secret(name))
        {
            target.Keep?.Invoke(name, renewed);
        }
    }

    private static AuthenticationHeaderValue Basic(string id, string secret) =>
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{WebUtility.UrlEncode(id)}:{WebUtility.UrlEncode(secret)}")));

    private static TimeSpan LifetimeOf(JsonElement answer) =>
        answer.TryGetProperty("expires_in", out var seconds)
            && (seconds.ValueKind == JsonValueKind.Number ? seconds.TryGetInt32(out var number) : int.TryParse(TokenAnswers.Text(answer, "expires_in"), NumberStyles.None, CultureInfo.InvariantCulture, out number))
                ? TimeSpan.FromSeconds(number)
                : s_unsaid;

    private FunctionFaultException Failure(string what) => TokenAnswers.Failure(target, what);
}
