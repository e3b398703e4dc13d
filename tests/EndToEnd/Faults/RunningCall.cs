using System.Net.ServerSentEvents;

namespace ToolRuntime.Tests.EndToEnd.Faults;

/// <summary>A streamed call whose code has begun.</summary>
internal sealed class RunningCall(HttpResponseMessage response, IAsyncEnumerator<SseItem<string>> events) : IAsyncDisposable
{
    public static async Task<RunningCall> StartAsync(HttpClient http, string tool)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/tools/{tool}") { Content = new StringContent("{}") };
        request.Headers.Accept.ParseAdd("text/event-stream");
        var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        var events = SseParser.Create(await response.Content.ReadAsStreamAsync()).EnumerateAsync().GetAsyncEnumerator();
        var call = new RunningCall(response, events);
        using var deadline = new CancellationTokenSource(Toolrt.Deadline);
        await call.UntilAsync(e => e.EventType == "progress", deadline.Token);
        return call;
    }

    public Task<SseItem<string>> EndAsync(CancellationToken cancellationToken) => UntilAsync(e => e.EventType is "completed" or "failed" or "gone", cancellationToken);

    public async ValueTask DisposeAsync()
    {
        response.Dispose();
        await events.DisposeAsync();
    }

    private async Task<SseItem<string>> UntilAsync(Predicate<SseItem<string>> wanted, CancellationToken cancellationToken)
    {
        while (await events.MoveNextAsync().AsTask().WaitAsync(cancellationToken))
        {
            if (wanted(events.Current))
            {
                return events.Current;
            }
        }

        throw new EndOfStreamException("the stream ended before the call did");
    }
}
