using System.Net;
using System.Net.ServerSentEvents;

namespace ToolRuntime.Tests.EndToEnd.Faults;

/// <summary>Calls until there is an end, whatever dies on the way: it asks one gateway after the other, and goes on where it was.</summary>
internal sealed class StubbornCaller(IReadOnlyList<Uri> gateways, CancellationToken deadline) : IDisposable
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(50);
    private readonly HttpClient _http = new() { Timeout = Timeout.InfiniteTimeSpan };
    private CancellationTokenSource _line = CancellationTokenSource.CreateLinkedTokenSource(deadline);
    private int _asked;

    /// <summary>How often it had to begin again.</summary>
    public int Losses { get; private set; }

    /// <summary>Drops its connection, whatever it is doing.</summary>
    public void Cut() => _line.Cancel();

    /// <summary>Calls under <paramref name="key"/> and reads the events to the end.</summary>
    public async Task<List<SseItem<string>>> StreamAsync(string tool, string arguments, string session, string key)
    {
        var seen = new List<SseItem<string>>();
        while (!IsEnd(seen))
        {
            await TryAsync(async (gateway, token) =>
            {
                using var request = seen.Count == 0
                    ? Post(gateway, $"/v1/tools/{tool}?session={session}", arguments, key)
                    : new HttpRequestMessage(HttpMethod.Get, new Uri(gateway, $"/v1/tools/{tool}?session={session}")) { Headers = { { "Last-Event-ID", seen[^1].EventId } } };
                request.Headers.Accept.ParseAdd("text/event-stream");
                using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, token);
                ThrowWhereBusIsAway(response);
                Assert.True(response.IsSuccessStatusCode, $"{response.StatusCode}: {(response.IsSuccessStatusCode ? "" : await response.Content.ReadAsStringAsync(token))}");
                await foreach (var item in SseParser.Create(await response.Content.ReadAsStreamAsync(token)).EnumerateAsync(token))
                {
                    seen.Add(item);
                }
            });
        }

        return seen;
    }

    /// <summary>Calls under <paramref name="key"/> until there is an answer, right or a fault of the call.</summary>
    public async Task<(HttpStatusCode Status, string Body)> CallAsync(string tool, string arguments, string key)
    {
        (HttpStatusCode Status, string Body)? answer = null;
        while (answer is null)
        {
            await TryAsync(async (gateway, token) =>
            {
                using var request = Post(gateway, $"/v1/tools/{tool}", arguments, key);
                using var response = await _http.SendAsync(request, token);
                ThrowWhereBusIsAway(response);
                answer = (response.StatusCode, await response.Content.ReadAsStringAsync(token));
            });
        }

        return answer.Value;
    }

    public void Dispose()
    {
        _http.Dispose();
        _line.Dispose();
    }

    /// <summary>Whether the last event ends a call.</summary>
    private static bool IsEnd(List<SseItem<string>> seen) => seen.Count > 0 && seen[^1].EventType is "completed" or "failed" or "gone";

    private static HttpRequestMessage Post(Uri gateway, string path, string arguments, string key) =>
        new(HttpMethod.Post, new Uri(gateway, path)) { Content = new StringContent(arguments), Headers = { { "Idempotency-Key", key } } };

    /// <summary>A gateway that has lost its message server is asked again, like one that is not there.</summary>
    private static void ThrowWhereBusIsAway(HttpResponseMessage response)
    {
        if (response.StatusCode == HttpStatusCode.ServiceUnavailable)
        {
            throw new HttpRequestException("the message server is away");
        }
    }

    private async Task TryAsync(Func<Uri, CancellationToken, Task> ask)
    {
        try
        {
            await ask(gateways[_asked++ % gateways.Count], _line.Token);
        }
        catch (Exception error) when (error is HttpRequestException or IOException or OperationCanceledException && !deadline.IsCancellationRequested)
        {
            Losses++;
            if (_line.IsCancellationRequested)
            {
                _line = CancellationTokenSource.CreateLinkedTokenSource(deadline);
            }

            await Task.Delay(s_pause, deadline);
        }
    }
}
