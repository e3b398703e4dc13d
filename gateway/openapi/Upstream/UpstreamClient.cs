using System.Net;
using System.Text;

using Polly.CircuitBreaker;

using ToolRuntime.OpenApi.Bodies;
using ToolRuntime.OpenApi.Faults;
using ToolRuntime.OpenApi.Fetching;
using ToolRuntime.OpenApi.Requests;

namespace ToolRuntime.OpenApi.Upstream;

/// <summary>
/// Sends the calls of one source:
/// 1. a turn is taken; 2. the cache is asked; 3. credentials are added, if the host is one of theirs; 4. it is sent, again where that does no
/// harm, unless the host's circuit is open; 5. once more with new credentials where they were refused; 6. redirects are followed, each checked
/// anew; 7. the cache watches the answer.
/// </summary>
public sealed class UpstreamClient : IDisposable
{
    private readonly UpstreamOptions _options;
    private readonly TimeProvider _time;
    private readonly HttpMessageInvoker _http;
    private readonly CallGate _gate;
    private readonly HttpCache _cache;
    private readonly HostCircuits _circuits;
    private readonly RetryPipelines _retries;

    /// <summary>A client of one source.</summary>
    /// <param name="options">Its manners.</param>
    /// <param name="connector">Where it may connect to.</param>
    /// <param name="certificate">What it shows, or null.</param>
    /// <param name="time">The clock.</param>
    public UpstreamClient(UpstreamOptions options, PinnedConnector connector, ClientCertificate? certificate, TimeProvider time)
    {
        (_options, _time) = (options, time);
        _http = new HttpMessageInvoker(CreateHandler(options, connector, certificate));
        _gate = new CallGate(options, time);
        _cache = new HttpCache(options, time);
        _circuits = new HostCircuits(options, time);
        _retries = new RetryPipelines(options, time);
    }

    /// <summary>Sends a request; the answer's body is still to be read.</summary>
    /// <param name="request">The request, without credentials.</param>
    /// <param name="call">What goes with it.</param>
    /// <param name="cancellationToken">The caller's own end, which is no fault.</param>
    /// <exception cref="ApiFaultException">There is no answer to be had.</exception>
    public async Task<UpstreamResponse> SendAsync(ApiRequest request, UpstreamCall call, CancellationToken cancellationToken)
    {
        var host = request.ToUri().Host;
        var deadline = new Deadline(call.Timeout < _options.Timeout ? call.Timeout.Value : _options.Timeout, _time, cancellationToken);
        var hasTurn = false;
        try
        {
            await _gate.EnterAsync(host, deadline.Token);
            hasTurn = true;
            return await AnswerAsync(request, call, deadline, cancellationToken);
        }
        catch (Exception failed)
        {
            if (hasTurn)
            {
                _gate.Leave();
            }

            var isLate = deadline.Token.IsCancellationRequested && !cancellationToken.IsCancellationRequested;
            deadline.Dispose();
            if (failed is ApiFaultException || cancellationToken.IsCancellationRequested || TransportFaults.Of(failed, host, isLate) is not { } fault)
            {
                throw;
            }

            throw new ApiFaultException(fault, failed);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _http.Dispose();
        _gate.Dispose();
    }

    private static SocketsHttpHandler CreateHandler(UpstreamOptions options, PinnedConnector connector, ClientCertificate? certificate)
    {
        var handler = connector.CreateHandler(options.ConnectTimeout);
        handler.MaxConnectionsPerServer = options.MaxConnections;
        handler.PooledConnectionLifetime = options.ConnectionLifetime;
        handler.MaxResponseHeadersLength = options.MaxHeaderKilobytes;
        handler.EnableMultipleHttp2Connections = true;
        // Headers beyond ASCII go out, and come in, as UTF-8, as most servers have it.
        handler.RequestHeaderEncodingSelector = static (_, _) => Encoding.UTF8;
        handler.ResponseHeaderEncodingSelector = static (_, _) => Encoding.UTF8;
        if (certificate is not null)
        {
            handler.SslOptions.LocalCertificateSelectionCallback = (_, host, _, _, _) => certificate.Hosts.Contains(host) ? certificate.Certificate : null!;
        }

        return handler;
    }

    private async Task<UpstreamResponse> AnswerAsync(ApiRequest request, UpstreamCall call, Deadline deadline, CancellationToken cancellationToken)
    {
        var kept = _cache.Serves(request) ? _cache.Find(call.Caller, request) : null;
        if (kept is not null && _cache.IsFresh(kept))
        {
            return Cached(kept, request.ToUri(), deadline);
        }

        var (answer, url) = await FollowAsync(kept is null ? request : HttpCache.Conditional(request, kept), call, deadline, cancellationToken);
        if (kept is not null && answer.StatusCode == HttpStatusCode.NotModified)
        {
            var renewed = _cache.Renew(kept, answer);
            answer.Dispose();
            return Cached(renewed, url, deadline);
        }

        if (answer.IsSuccessStatusCode)
        {
            _cache.Invalidate(call.Caller, request);
            _cache.Watch(call.Caller, request, answer);
        }

        return new UpstreamResponse(answer, url, deadline, _gate.Leave);
    }

    private UpstreamResponse Cached(CachedAnswer kept, Uri url, Deadline deadline) =>
        new(kept.ToMessage(new HttpRequestMessage(HttpMethod.Get, url), _time.GetUtcNow()), url, deadline, _gate.Leave) { IsCached = true };

    private async Task<(HttpResponseMessage Answer, Uri Url)> FollowAsync(ApiRequest request, UpstreamCall call, Deadline deadline, CancellationToken cancellationToken)
    {
        var first = request.ToUri();
        var url = first;
        for (var hop = 0; hop <= _options.MaxRedirects; hop++)
        {
            var answer = await SendHopAsync(request, url, call, deadline, cancellationToken);
            Redirect? redirect;
            try
            {
                redirect = Redirect.Of(answer.StatusCode, request.Method, url, answer.Headers.NonValidated.TryGetValues("Location", out var l) ? l.ToString() : null);
            }
            catch
            {
                answer.Dispose();
                throw;
            }

            if (redirect is not { } next)
            {
                return (answer, url);
            }

            answer.Dispose();
            request = Redirected(request, next, next.IsSameOrigin || call.TrustedOrigins.Contains(Redirect.Origin(next.Url)));
            url = request.ToUri();
        }

        throw TransportFaults.Bad(first.Host, $"it redirects more than {_options.MaxRedirects} times");
    }

    /// <summary>The request that a redirect asks for. Another host than the source's own gets nothing but the question: no header, cookie or body of the arguments.</summary>
    private static ApiRequest Redirected(ApiRequest request, Redirect next, bool isTrusted)
    {
        if (!isTrusted && next.KeepsBody && request.Body is not null)
        {
            throw TransportFaults.Bad(request.ToUri().Host, $"it redirects the body to another host, {next.Url.Host}");
        }

        return request with
        {
            Method = next.Method,
            Url = next.Url.AbsoluteUri.Split('#')[0],
            Headers = isTrusted ? request.Headers : [.. request.Headers.Where(h => h.Key.Equals("Accept", StringComparison.OrdinalIgnoreCase))],
            Cookies = isTrusted ? request.Cookies : [],
            Body = next.KeepsBody ? request.Body : null,
        };
    }

    private async Task<HttpResponseMessage> SendHopAsync(ApiRequest request, Uri url, UpstreamCall call, Deadline deadline, CancellationToken cancellationToken)
    {
        var authorize = call.TrustedOrigins.Contains(Redirect.Origin(url)) ? call.Authorize : null;
        var authorized = authorize is null ? request : await authorize(request, false, deadline.Token);
        var answer = await RepeatAsync(authorized, url, call, deadline, cancellationToken);
        if (answer.StatusCode != HttpStatusCode.Unauthorized || authorize is null)
        {
            return answer;
        }

        var renewed = await authorize(request, true, deadline.Token);
        if (ReferenceEquals(renewed, request))
        {
            return answer;
        }

        answer.Dispose();
        return await RepeatAsync(renewed, url, call, deadline, cancellationToken);
    }

    private async Task<HttpResponseMessage> RepeatAsync(ApiRequest request, Uri url, UpstreamCall call, Deadline deadline, CancellationToken cancellationToken)
    {
        try
        {
            return await _retries.Of(RetryRule.IsRepeatable(request)).ExecuteAsync(
                static (s, token) => s.Client._circuits.Of(s.Url.Host).ExecuteAsync(static (t, ct) => t.Client.TryAsync(t.Request, t.Url, t.Call, t.Above, ct), s, token),
                (Client: this, Request: request, Url: url, Call: call, Above: cancellationToken), deadline.Token);
        }
        catch (BrokenCircuitException open)
        {
            throw HostCircuits.Open(url.Host, open);
        }
    }

    private async ValueTask<HttpResponseMessage> TryAsync(ApiRequest request, Uri url, UpstreamCall call, CancellationToken above, CancellationToken deadline)
    {
        using var firstByte = new Deadline(_options.FirstByteTimeout, _time, deadline);
        try
        {
            return await _http.SendAsync(Message(request, url, call), firstByte.Token);
        }
        catch (Exception failed) when (!above.IsCancellationRequested && TransportFaults.Of(failed, url.Host, firstByte.Token.IsCancellationRequested) is { } fault)
        {
            throw new ApiFaultException(fault, failed);
        }
    }

    private HttpRequestMessage Message(ApiRequest request, Uri url, UpstreamCall call)
    {
        var message = request.ToMessage();
        if (message.Content is null && !RetryRule.IsRepeatable(request))
        {
            // HttpClient sends what has no content again by itself where a kept connection ends before the answer begins; of content it does not know how far it came.
            message.Content = new ByteArrayContent([]);
        }

        if (url.Scheme == Uri.UriSchemeHttps)
        {
            message.Version = HttpVersion.Version20;
        }

        Add(message, "Accept-Encoding", BodyStream.Accepted);
        Add(message, "User-Agent", _options.UserAgent);
        Add(message, "traceparent", call.TraceParent);
        Add(message, "tracestate", call.TraceState);
        return message;
    }

    private static void Add(HttpRequestMessage message, string name, string? value)
    {
        // A line end within it would begin a header of the caller's own.
        if (value is not null && !value.AsSpan().ContainsAny('\r', '\n', '\0') && !message.Headers.NonValidated.Contains(name))
        {
            message.Headers.TryAddWithoutValidation(name, value);
        }
    }
}
