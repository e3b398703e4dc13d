using System.Net.Http.Headers;
using System.Text;

using ToolRuntime.Functions;

namespace ToolRuntime.Gateway.Federation.Upstream;

/// <summary>HTTP with SSE (2024-11-05): one stream brings everything, and its first event says where messages are posted.</summary>
internal sealed class SseTransport(UpstreamHttp http) : IServerTransport
{
    private const int MaximumErrorBody = 64 * 1024;
    private static readonly MediaTypeHeaderValue s_json = new("application/json");

    private readonly TaskCompletionSource<Uri> _endpoint = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _closing = new();
    private ServerInbox? _inbox;

    public async Task RunAsync(ServerInbox inbox, CancellationToken cancellationToken)
    {
        _inbox = inbox;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closing.Token);
        try
        {
            using var response = await http.SendAsync(Open, either.Token);
            if (!response.IsSuccessStatusCode || UpstreamAnswers.MediaTypeOf(response.Content) != UpstreamAnswers.Stream)
            {
                throw new FunctionFaultException(UpstreamAnswers.Refused(http.Name, response, await UpstreamBody.ReadAsync(response.Content, MaximumErrorBody, either.Token)).Fault);
            }

            await foreach (var (name, data) in new UpstreamEvents().ReadAsync(response.Content, either.Token))
            {
                if (name == "endpoint")
                {
                    _endpoint.TrySetResult(Endpoint(Encoding.UTF8.GetString(data)));
                }
                else if (name == UpstreamEvents.Message)
                {
                    await inbox.Received(data, 0);
                }
            }
        }
        catch (Exception error)
        {
            _endpoint.TrySetException(new FunctionFaultException(http.Describe(error), error));
            throw;
        }

        _endpoint.TrySetException(new FunctionFaultException(FaultCode.UpstreamFailed, $"the MCP server '{http.Name}' ended its stream before it said where to post"));
    }

    public void Agree(string revision)
    {
        // This transport is of one revision; what is agreed on changes nothing in it.
    }

    public async ValueTask SendAsync(OutgoingMessage message, CancellationToken cancellationToken)
    {
        var endpoint = await _endpoint.Task.WaitAsync(cancellationToken);
        try
        {
            using var response = await http.SendAsync(() => Post(endpoint, message), cancellationToken);
            if (!response.IsSuccessStatusCode)
            {
                var failure = UpstreamAnswers.Refused(http.Name, response, await UpstreamBody.ReadAsync(response.Content, MaximumErrorBody, cancellationToken));
                Fail(message.Id, failure);
            }
        }
        catch (Exception error) when (error is HttpRequestException or InvalidDataException)
        {
            Fail(message.Id, new UpstreamFailure(http.Describe(error)));
        }
    }

    public ValueTask CancelAsync(long id, CancellationToken cancellationToken) =>
        SendAsync(new OutgoingMessage(UpstreamMessages.Cancelled(id), UpstreamMessages.CancelledMethod, 0), cancellationToken);

    public async ValueTask DisposeAsync() => await _closing.CancelAsync();

    private HttpRequestMessage Open()
    {
        var request = http.Request(HttpMethod.Get);
        request.Headers.TryAddWithoutValidation("Accept", "text/event-stream");
        return request;
    }

    private HttpRequestMessage Post(Uri endpoint, OutgoingMessage message)
    {
        var request = http.Request(HttpMethod.Post, endpoint);
        request.Content = new ReadOnlyMemoryContent(message.Body) { Headers = { ContentType = s_json } };
        return request;
    }

    /// <summary>Where messages go: on the server's own host and port, for its credentials go there too.</summary>
    private Uri Endpoint(string said) => Uri.TryCreate(http.Url, said, out var url) && url.GetLeftPart(UriPartial.Authority) == http.Url.GetLeftPart(UriPartial.Authority)
        ? url
        : throw new FunctionFaultException(FaultCode.UpstreamFailed, $"the MCP server '{http.Name}' wants messages posted to another host, which is refused");

    private void Fail(long id, UpstreamFailure failure)
    {
        if (id == 0)
        {
            throw new FunctionFaultException(failure.Fault);
        }

        _inbox?.Failed(id, failure);
    }
}
