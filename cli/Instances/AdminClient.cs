using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;

using ToolRuntime.Cli.Output;

namespace ToolRuntime.Cli.Instances;

/// <summary>The HTTP client of one instance: its management API, its tools and its MCP endpoint.</summary>
internal sealed class AdminClient : IDisposable
{
    private readonly HttpClient _http;

    public AdminClient(Uri server, string? key)
    {
        _http = new HttpClient { BaseAddress = server, Timeout = Timeout.InfiniteTimeSpan };
        if (key is not null)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }
    }

    public Uri Server => _http.BaseAddress!;

    /// <summary>Sends a request and gives the JSON that comes; a refusal becomes a message and an exit code.</summary>
    public async Task<JsonElement> JsonAsync(HttpMethod method, string path, HttpContent? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body };
        using var response = await SendAsync(request, cancellationToken);
        await ThrowIfRefusedAsync(response, cancellationToken);
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        if (response.StatusCode == System.Net.HttpStatusCode.NoContent)
        {
            return default;
        }

        using var document = await JsonDocument.ParseAsync(stream, cancellationToken: cancellationToken);
        return document.RootElement.Clone();
    }

    /// <summary>Sends a request whose answer is server-sent events, or plain JSON when nothing streams (then one event named <c>result</c>).</summary>
    public async IAsyncEnumerable<ServerSentEvent> EventsAsync(
        HttpMethod method, string path, HttpContent? body, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body };
        request.Headers.Accept.ParseAdd("text/event-stream");
        request.Headers.Accept.ParseAdd("application/json;q=0.9");
        using var response = await SendAsync(request, cancellationToken);
        await ThrowIfRefusedAsync(response, cancellationToken);
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        if (response.Content.Headers.ContentType?.MediaType != "text/event-stream")
        {
            using var reader = new StreamReader(stream);
            yield return new ServerSentEvent("result", await reader.ReadToEndAsync(cancellationToken));
            yield break;
        }

        await foreach (var item in System.Net.ServerSentEvents.SseParser.Create(stream).EnumerateAsync(cancellationToken))
        {
            yield return new ServerSentEvent(item.EventType, item.Data);
        }
    }

    /// <summary>Sends a request as it is; the caller reads status and body.</summary>
    public Task<HttpResponseMessage> SendRawAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);

    public void Dispose() => _http.Dispose();

    /// <summary>Sends a request; only an instance that does not answer is a failure, what it refuses is the caller's to read.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (HttpRequestException error) when (error.InnerException is SocketException or IOException || error.HttpRequestError != HttpRequestError.Unknown)
        {
            throw new CommandFailedException(ExitCodes.NotReached, $"{Server} does not answer: {error.Message}", "is the instance still running? 'toolrt status' tells");
        }
    }

    private static async Task ThrowIfRefusedAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.IsSuccessStatusCode)
        {
            return;
        }

        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        throw Problem.Read(text, (int)response.StatusCode);
    }
}
