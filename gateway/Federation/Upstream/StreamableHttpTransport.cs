using System.Collections.Concurrent;

using ToolRuntime.Functions;

namespace ToolRuntime.Gateway.Federation.Upstream;

/// <summary>
/// Streamable HTTP of all revisions: a POST for each message, answered by JSON or by a stream. Before 2026-07-28 the server may name a
/// session, which is begun anew when the server has forgotten it; it has a stream for what belongs to no request, and lost streams are gone
/// on with by the last event's id. Since then requests stand for themselves, and closing a stream cancels.
/// </summary>
internal sealed class StreamableHttpTransport(UpstreamHttp http, TimeProvider time) : IServerTransport
{
    private const int MaximumResumes = 10;
    private const int MaximumErrorBody = 64 * 1024;

    private readonly ConcurrentDictionary<long, CancellationTokenSource> _open = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly TaskCompletionSource<ServerInbox> _inbox = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly StreamableSession _session = new(http, time);
    private readonly Lock _listening = new();
    private Task _stream = Task.CompletedTask;

    /// <summary>Whether the HTTP client is this way's alone.</summary>
    public bool OwnsHttp { get; init; }

    public async Task RunAsync(ServerInbox inbox, CancellationToken cancellationToken)
    {
        _session.Renewed = () =>
        {
            inbox.Renewed();
            Listen();
        };
        _inbox.TrySetResult(inbox);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closing.Token);
        await Task.Delay(Timeout.InfiniteTimeSpan, time, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Agree(string revision) => _session.Agree(revision);

    public async ValueTask SendAsync(OutgoingMessage message, CancellationToken cancellationToken)
    {
        if (message.Id != 0)
        {
            var ending = CancellationTokenSource.CreateLinkedTokenSource(_closing.Token);
            _open[message.Id] = ending;
            _ = ExchangeAsync(message, ending);
            return;
        }

        await TellAsync(message, cancellationToken);
        if (message.Body.Span.SequenceEqual(UpstreamMessages.Initialized))
        {
            Listen();
        }
    }

    public async ValueTask CancelAsync(long id, CancellationToken cancellationToken)
    {
        if (!_session.IsModern)
        {
            await TellAsync(new OutgoingMessage(UpstreamMessages.Cancelled(id), UpstreamMessages.CancelledMethod, 0), cancellationToken);
        }

        if (!_open.TryRemove(id, out var ending))
        {
            return;
        }

        try
        {
            await ending.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // Its answer came just now.
            return;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_closing.IsCancellationRequested)
        {
            return;
        }

        await _closing.CancelAsync();
        await _stream.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _session.LeaveAsync();
        _session.Dispose();
        if (OwnsHttp)
        {
            http.Dispose();
        }
    }

    /// <summary>One request from its POST to the end of what answers it; whatever happens, its inbox hears of the end.</summary>
    private async Task ExchangeAsync(OutgoingMessage message, CancellationTokenSource ending)
    {
        var inbox = await _inbox.Task;
        try
        {
            using var response = await _session.PostAsync(message, ending.Token);
            await TakeAsync(message, response, inbox, ending.Token);
            if (inbox.IsWaiting(message.Id))
            {
                inbox.Failed(message.Id, new UpstreamFailure(new FunctionFault(FaultCode.UpstreamFailed, $"the MCP server '{http.Name}' ended its answer before the result"), (int)response.StatusCode));
            }
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            inbox.Failed(message.Id, new UpstreamFailure(new FunctionFault(FaultCode.UpstreamFailed, $"the connection to the MCP server '{http.Name}' was closed")));
        }
        catch (Exception error)
        {
            // The rim of one request: who waits for it must hear of its end, whatever it was.
            inbox.Failed(message.Id, new UpstreamFailure(http.Describe(error)));
        }
        finally
        {
            _open.TryRemove(message.Id, out _);
            ending.Dispose();
        }
    }

    private async ValueTask TakeAsync(OutgoingMessage message, HttpResponseMessage response, ServerInbox inbox, CancellationToken cancellationToken)
    {
        switch (UpstreamAnswers.MediaTypeOf(response.Content))
        {
            case UpstreamAnswers.Stream when response.IsSuccessStatusCode:
                await StreamAsync(message.Id, response, inbox, cancellationToken);
                break;
            case "application/json":
                var body = await UpstreamBody.ReadAsync(response.Content, UpstreamTarget.MaximumMessage, cancellationToken);
                await AnswerAsync(message.Id, body, response, inbox);
                break;
            default:
                var text = await UpstreamBody.ReadAsync(response.Content, MaximumErrorBody, cancellationToken);
                inbox.Failed(message.Id, Refused(response, text));
                break;
        }
    }

    private async ValueTask AnswerAsync(long id, byte[] body, HttpResponseMessage response, ServerInbox inbox)
    {
        if (response.IsSuccessStatusCode)
        {
            await inbox.Received(body, id);
            return;
        }

        // A refusal of the message may carry a JSON-RPC error, which says more; without the request's id it is this one's all the same.
        if ((int)response.StatusCode is 400 or 404 or 405 or 406 or 415 or 422 && RpcMessage.TryRead(body) is { Error.IsEmpty: false } error)
        {
            await inbox.Received(UpstreamAnswers.WithId(id, error.Error), id);
        }

        if (inbox.IsWaiting(id))
        {
            inbox.Failed(id, Refused(response, body));
        }
    }

    /// <summary>The answer's events, gone on with on streams of their own where the first is lost and its events have ids.</summary>
    private async ValueTask StreamAsync(long id, HttpResponseMessage response, ServerInbox inbox, CancellationToken cancellationToken)
    {
        var events = new UpstreamEvents();
        await ReadAsync(events, response.Content, id, inbox, cancellationToken);
        for (var resumes = 0; inbox.IsWaiting(id) && !_session.IsModern && events.LastId is not null && resumes < MaximumResumes; resumes++)
        {
            await Task.Delay(events.Retry, time, cancellationToken);
            using var more = await _session.GetAsync(events.LastId, cancellationToken);
            if (!more.IsSuccessStatusCode)
            {
                return;
            }

            await ReadAsync(events, more.Content, id, inbox, cancellationToken);
        }
    }

    /// <summary>Reads until the stream ends, breaks, or has given the answer that was waited for.</summary>
    private static async ValueTask ReadAsync(UpstreamEvents events, HttpContent content, long id, ServerInbox inbox, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var (name, data) in events.ReadAsync(content, cancellationToken))
            {
                if (name != UpstreamEvents.Message)
                {
                    // Some servers keep the stream alive by events of their own.
                    continue;
                }

                await inbox.Received(data, id);
                if (id != 0 && !inbox.IsWaiting(id))
                {
                    return;
                }
            }
        }
        catch (Exception error) when (error is IOException or HttpRequestException)
        {
            // A lost stream: who reads it decides whether it is gone on with.
        }
    }

    private async ValueTask TellAsync(OutgoingMessage message, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await _session.PostAsync(message, cancellationToken);
            if (!response.IsSuccessStatusCode)
            {
                throw new FunctionFaultException(Refused(response, await UpstreamBody.ReadAsync(response.Content, MaximumErrorBody, cancellationToken)).Fault);
            }
        }
        catch (Exception error) when (error is HttpRequestException or InvalidDataException)
        {
            throw new FunctionFaultException(http.Describe(error), error);
        }
    }

    /// <summary>Keeps the stream for what belongs to no request; one at a time.</summary>
    private void Listen()
    {
        lock (_listening)
        {
            if (!_session.IsModern && _stream.IsCompleted)
            {
                _stream = Task.Run(ListenAsync, CancellationToken.None);
            }
        }
    }

    private async Task ListenAsync()
    {
        var inbox = await _inbox.Task;
        var events = new UpstreamEvents();
        while (!_closing.IsCancellationRequested)
        {
            try
            {
                using var response = await _session.GetAsync(events.LastId, _closing.Token);
                if (!response.IsSuccessStatusCode || UpstreamAnswers.MediaTypeOf(response.Content) != UpstreamAnswers.Stream)
                {
                    // It has no such stream, or has forgotten the session: the next request notices.
                    return;
                }

                await ReadAsync(events, response.Content, 0, inbox, _closing.Token);
            }
            catch (Exception) when (!_closing.IsCancellationRequested)
            {
                // The rim of the listening loop: requests go on without the stream, and it is tried again.
            }

            await Task.Delay(events.Retry, time, _closing.Token);
        }
    }

    private UpstreamFailure Refused(HttpResponseMessage response, byte[] body) => UpstreamAnswers.Refused(http.Name, response, body);
}
