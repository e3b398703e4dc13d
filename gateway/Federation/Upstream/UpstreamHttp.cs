using System.Net;
using System.Net.Http.Headers;

using ToolRuntime.Functions;

namespace ToolRuntime.Gateway.Federation.Upstream;

/// <summary>
/// HTTP to one server: pooled connections to checked addresses, the server's own headers and token, no redirects, no cookies, no proxy.
/// Nothing that a caller sent to the gateway as a header goes on.
/// </summary>
internal sealed class UpstreamHttp : IDisposable
{
    private const int MaximumHeaderKiB = 64;
    private static readonly TimeSpan s_connect = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_headersFor = TimeSpan.FromSeconds(30);

    private readonly UpstreamTarget _target;
    private readonly HttpMessageInvoker _client;
    private readonly UpstreamTokens? _tokens;
    private readonly TimeProvider _time;
    private HeaderSet? _headers;

    public UpstreamHttp(UpstreamTarget target, TimeProvider time)
    {
        (_target, _time) = (target, time);
        _client = new HttpMessageInvoker(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = s_connect,
            EnableMultipleHttp2Connections = true,
            MaxResponseHeadersLength = MaximumHeaderKiB,
            PooledConnectionLifetime = TimeSpan.FromMinutes(10),
            UseCookies = false,
            UseProxy = false,
            ActivityHeadersPropagator = null,
            ConnectCallback = (context, cancellationToken) => target.Connect(context.DnsEndPoint, cancellationToken),
        });
        _tokens = target.Authorization is null ? null : new UpstreamTokens(target, _client, time);
    }

    /// <summary>The endpoint.</summary>
    public Uri Url => _target.Url;

    /// <summary>The server's name, for messages.</summary>
    public string Name => _target.Name;

    /// <summary>Sends what <paramref name="make"/> makes; once more with a fresh token and fresh secrets where the server refuses them.</summary>
    /// <exception cref="FunctionFaultException">The server cannot be reached, or sends elsewhere.</exception>
    public async ValueTask<HttpResponseMessage> SendAsync(Func<HttpRequestMessage> make, CancellationToken cancellationToken)
    {
        var response = await SendOnceAsync(make(), renew: false, cancellationToken);
        if (response.StatusCode == HttpStatusCode.Unauthorized)
        {
            _tokens?.Refused(response.Headers.WwwAuthenticate.ToString());
            response.Dispose();
            response = await SendOnceAsync(make(), renew: true, cancellationToken);
        }

        if ((int)response.StatusCode is >= 300 and < 400)
        {
            var place = response.Headers.Location;
            response.Dispose();
            throw new FunctionFaultException(FaultCode.UpstreamFailed, $"the MCP server '{Name}' redirects to {place}, which is not followed", "add the server under the URL where it is");
        }

        return response;
    }

    /// <summary>A request to the endpoint or to <paramref name="url"/>.</summary>
    public HttpRequestMessage Request(HttpMethod method, Uri? url = null) =>
        new(method, url ?? Url) { Version = HttpVersion.Version11, VersionPolicy = HttpVersionPolicy.RequestVersionOrHigher };

    /// <summary>What a failed attempt means to callers.</summary>
    public FunctionFault Describe(Exception error) => error switch
    {
        FunctionFaultException fault => fault.Fault,
        HttpRequestException { InnerException: FunctionFaultException inner } => inner.Fault,
        HttpRequestException http => new FunctionFault(FaultCode.UpstreamFailed, $"the MCP server '{Name}' cannot be reached: {http.Message}", $"see that {Url.GetLeftPart(UriPartial.Path)} answers"),
        _ => new FunctionFault(FaultCode.UpstreamFailed, $"the MCP server '{Name}' failed: {error.Message}"),
    };

    public void Dispose()
    {
        _client.Dispose();
        _tokens?.Dispose();
    }

    private async ValueTask<HttpResponseMessage> SendOnceAsync(HttpRequestMessage request, bool renew, CancellationToken cancellationToken)
    {
        using (request)
        {
            foreach (var (name, value) in Headers(renew))
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }

            if (_tokens is not null)
            {
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await _tokens.GetAsync(cancellationToken));
            }

            return await _client.SendAsync(request, cancellationToken);
        }
    }

    private IReadOnlyList<KeyValuePair<string, string>> Headers(bool renew)
    {
        var headers = _headers;
        if (headers is null || renew || _time.GetElapsedTime(headers.Since) > s_headersFor)
        {
            _headers = headers = new HeaderSet(_target.Headers(), _time.GetTimestamp());
        }

        return headers.Values;
    }

    private sealed record HeaderSet(IReadOnlyList<KeyValuePair<string, string>> Values, long Since);
}
