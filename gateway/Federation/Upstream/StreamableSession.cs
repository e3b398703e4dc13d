using System.Net.Http.Headers;

using ToolRuntime.Functions;

namespace ToolRuntime.Gateway.Federation.Upstream;

/// <summary>
/// What the requests of one client say to a server over streamable HTTP: the revision, and before 2026-07-28 the session that the server
/// named. A session that the server has forgotten is begun anew, and the request sent again.
/// </summary>
internal sealed class StreamableSession(UpstreamHttp http, TimeProvider time) : IDisposable
{
    private const string ModernRevision = "2026-07-28";
    private const string SessionHeader = "Mcp-Session-Id";
    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(2);
    private static readonly MediaTypeHeaderValue s_json = new("application/json");

    private readonly SemaphoreSlim _renewing = new(1, 1);
    private OutgoingMessage _hello;
    private string? _session;
    private string _revision = ModernRevision;

    /// <summary>Whether requests stand for themselves.</summary>
    public bool IsModern => _revision == ModernRevision;

    /// <summary>Hears that the session was begun anew.</summary>
    public Action? Renewed { get; set; }

    public void Agree(string revision) => _revision = revision;

    /// <summary>Posts a message; the answer's body is not read.</summary>
    public async ValueTask<HttpResponseMessage> PostAsync(OutgoingMessage message, CancellationToken cancellationToken)
    {
        if (message.Method == UpstreamMessages.InitializeMethod)
        {
            (_hello, _session) = (message, null);
        }

        var session = _session;
        var response = await http.SendAsync(() => Post(message), cancellationToken);
        if (message.Method == UpstreamMessages.InitializeMethod)
        {
            _session = Session(response);
        }
        else if (session is not null && await UpstreamAnswers.HasForgottenAsync(response, cancellationToken))
        {
            response.Dispose();
            await RenewAsync(session, cancellationToken);
            response = await http.SendAsync(() => Post(message), cancellationToken);
        }

        return response;
    }

    /// <summary>Opens the stream for what belongs to no request, or goes on with a lost one.</summary>
    public ValueTask<HttpResponseMessage> GetAsync(string? lastId, CancellationToken cancellationToken) => http.SendAsync(
        () =>
        {
            var request = Bare(HttpMethod.Get);
            request.Headers.TryAddWithoutValidation("Accept", "text/event-stream");
            if (lastId is not null)
            {
                request.Headers.TryAddWithoutValidation("Last-Event-ID", lastId);
            }

            return request;
        },
        cancellationToken);

    /// <summary>Says that the session is over; a server that does not care lets it run out.</summary>
    public async ValueTask LeaveAsync()
    {
        if (_session is null)
        {
            return;
        }

        using var patience = new CancellationTokenSource(s_farewell, time);
        try
        {
            using var response = await http.SendAsync(() => Bare(HttpMethod.Delete), patience.Token);
        }
        catch (Exception error) when (error is HttpRequestException or OperationCanceledException or FunctionFaultException)
        {
            // It is gone already, and the session with it.
            return;
        }
    }

    public void Dispose() => _renewing.Dispose();

    private static string? Session(HttpResponseMessage response) =>
        response.Headers.TryGetValues(SessionHeader, out var values) ? values.FirstOrDefault() : null;

    private HttpRequestMessage Bare(HttpMethod method)
    {
        var request = http.Request(method);
        request.Headers.TryAddWithoutValidation("MCP-Protocol-Version", _revision);
        if (_session is { } session)
        {
            request.Headers.TryAddWithoutValidation(SessionHeader, session);
        }

        return request;
    }

    private HttpRequestMessage Post(OutgoingMessage message)
    {
        var isHello = message.Method == UpstreamMessages.InitializeMethod;
        var request = isHello ? http.Request(HttpMethod.Post) : Bare(HttpMethod.Post);
        request.Content = new ReadOnlyMemoryContent(message.Body) { Headers = { ContentType = s_json } };
        request.Headers.TryAddWithoutValidation("Accept", "application/json, text/event-stream");
        if (IsModern && !isHello && message.Method is { } method)
        {
            request.Headers.TryAddWithoutValidation("Mcp-Method", method);
            AddMirrored(request.Headers, message);
        }

        return request;
    }

    private static void AddMirrored(HttpRequestHeaders headers, OutgoingMessage message)
    {
        if (message.Name is { } name)
        {
            headers.TryAddWithoutValidation("Mcp-Name", MirroredHeader.Encode(name));
        }

        foreach (var (header, value) in message.Parameters ?? [])
        {
            headers.TryAddWithoutValidation(header, MirroredHeader.Encode(value));
        }
    }

    /// <summary>Begins the session anew, unless another request did so meanwhile.</summary>
    private async ValueTask RenewAsync(string gone, CancellationToken cancellationToken)
    {
        await _renewing.WaitAsync(cancellationToken);
        try
        {
            if (_session != gone)
            {
                return;
            }

            // Until there is another, requests go on under the one that is gone, and wait here: without any they would be refused for good.
            using (var response = await http.SendAsync(() => Post(_hello), cancellationToken))
            {
                _session = response.IsSuccessStatusCode ? Session(response) : gone;
                await UpstreamAnswers.SkipAsync(response.Content, cancellationToken);
            }

            using var told = await http.SendAsync(() => Post(new OutgoingMessage(UpstreamMessages.Initialized, "notifications/initialized", 0)), cancellationToken);
        }
        finally
        {
            _renewing.Release();
        }

        Renewed?.Invoke();
    }
}
