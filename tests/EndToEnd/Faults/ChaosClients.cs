using System.Collections.Concurrent;
using System.Net;
using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json;

namespace ToolRuntime.Tests.EndToEnd.Faults;

/// <summary>
/// Clients that make call after call and never give one up: whatever fails, they ask again, each time whichever gateway chance has it. Streams go on with
/// Last-Event-ID, all calls carry an idempotency key, jobs are asked for until they have ended.
/// </summary>
internal sealed class ChaosClients(IReadOnlyList<Part> gateways, int seed) : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan s_pace = TimeSpan.FromMilliseconds(50);
    private readonly CancellationTokenSource _deadline = new(Toolrt.Deadline);
    private readonly HttpClient[] _https = [.. gateways.Select(g => new HttpClient { BaseAddress = g.Url, Timeout = Timeout.InfiniteTimeSpan })];
    private readonly ConcurrentDictionary<string, int> _refusals = new(StringComparer.Ordinal);
    private int _numbers;

    /// <summary>Calls that have ended.</summary>
    public ConcurrentBag<ChaosCall> Ended { get; } = [];

    /// <summary>Nobody begins another call.</summary>
    public bool IsOver { get; set; }

    /// <summary>What gateways said instead of an answer, and how often.</summary>
    public string Refusals => string.Join(", ", _refusals.Select(r => $"{r.Value} × {r.Key}"));

    /// <summary>Runs so many clients of each kind; ends with the last of their calls.</summary>
    public Task RunAsync(int each) => Task.WhenAll(Enumerable.Range(0, each * 3).Select(i => Task.Run(async () =>
    {
        var random = new Random(seed + i);
        while (!IsOver)
        {
            var (number, tool) = (Interlocked.Increment(ref _numbers), random.Next(2) == 0 ? "once" : "again");
            Ended.Add(await (i % 3 == 0 ? StreamAsync(random, number, tool) : i % 3 == 1 ? KeyedAsync(random, number, tool) : JobAsync(random, number, tool)));
        }
    })));

    /// <summary>All events of a session, as they are stored.</summary>
    public async Task<IReadOnlyList<SseItem<string>>> StoredAsync(string session)
    {
        var seen = new List<SseItem<string>>();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/sessions/{session}/events?compact=false&until=end");
        await ReadAsync(_https[^1], request, seen, _deadline.Token);
        return seen;
    }

    public async Task<JsonElement> JsonAsync(string path) => JsonElement.Parse(await _https[0].GetStringAsync(path, _deadline.Token));

    public void Dispose()
    {
        Array.ForEach(_https, http => http.Dispose());
        _deadline.Dispose();
    }

    private static HttpRequestMessage Call(string path, int number, string key) => new(HttpMethod.Post, path)
    {
        Content = new StringContent($$"""{"n":{{number}}}""", Encoding.UTF8, "application/json"),
        Headers = { { "Idempotency-Key", key } },
    };

    private async Task<ChaosCall> StreamAsync(Random random, int number, string tool)
    {
        var (session, seen) = ($"session{Guid.NewGuid():n}", new List<SseItem<string>>());
        await UntilAsync(random, async (http, patience) =>
        {
            var last = seen.FindLast(e => e.EventId is not null).EventId;
            using var request = last is null ? Call($"/v1/tools/{tool}?session={session}", number, session) : new HttpRequestMessage(HttpMethod.Get, $"/v1/tools/{tool}?session={session}");
            if (last is not null)
            {
                request.Headers.Add("Last-Event-ID", last);
            }

            request.Headers.Accept.ParseAdd("text/event-stream");
            await ReadAsync(http, request, seen, patience);
            return seen.Exists(IsEnd);
        });
        var end = seen.Find(IsEnd);
        return new ChaosCall(number, tool, "stream", end.EventType == "completed" ? "completed" : CodeOf(end.Data), end.Data) { Place = session, Seen = seen };
    }

    /// <summary>Two ask under one key, and get one answer.</summary>
    private async Task<ChaosCall> KeyedAsync(Random random, int number, string tool)
    {
        var key = $"key-{number}";
        var answers = await Task.WhenAll(AnswerAsync(random, number, tool, key), AnswerAsync(random, number, tool, key));
        var outcome = answers[0].Outcome == answers[1].Outcome ? answers[0].Outcome : $"{answers[0].Outcome} and {answers[1].Outcome}";
        return new ChaosCall(number, tool, "keyed", outcome, answers[0].Data) { Place = answers[0].Invocation };
    }

    private async Task<(string Outcome, string Data, string Invocation)> AnswerAsync(Random random, int number, string tool, string key)
    {
        (string, string, string) answer = default;
        await UntilAsync(random, async (http, patience) =>
        {
            using var request = Call($"/v1/tools/{tool}", number, key);
            using var response = await http.SendAsync(request, patience);
            var body = await response.Content.ReadAsStringAsync(patience);
            answer = (response.IsSuccessStatusCode ? "completed" : TitleOf(body), body, response.Headers.TryGetValues("X-Invocation", out var ids) ? ids.First() : "");
            return response.IsSuccessStatusCode || !IsPassing(response.StatusCode, body);
        });
        return answer;
    }

    private async Task<ChaosCall> JobAsync(Random random, int number, string tool)
    {
        var (job, state) = ("", default(JsonElement));
        await UntilAsync(random, async (http, patience) =>
        {
            using var request = Call($"/v1/tools/{tool}?async=1", number, $"job-{number}");
            using var response = await http.SendAsync(request, patience);
            var body = await response.Content.ReadAsStringAsync(patience);
            if (response.StatusCode != HttpStatusCode.Accepted)
            {
                Assert.True(IsPassing(response.StatusCode, body), body);
                return false;
            }

            job = JsonElement.Parse(body).GetProperty("id").GetString()!;
            return true;
        });
        await UntilAsync(random, async (http, patience) =>
        {
            using var response = await http.GetAsync($"/v1/jobs/{job}", patience);
            var body = await response.Content.ReadAsStringAsync(patience);
            Assert.True(response.IsSuccessStatusCode || IsPassing(response.StatusCode, body), $"job {job}: {body}");
            state = response.IsSuccessStatusCode ? JsonElement.Parse(body) : state;
            return response.IsSuccessStatusCode && state.GetProperty("state").GetString() is "completed" or "failed" or "cancelled";
        });
        var isCompleted = state.GetProperty("state").GetString() == "completed";
        return new ChaosCall(number, tool, "job", isCompleted ? "completed" : CodeOf(state.GetProperty("fault").GetRawText()), state.GetRawText()) { Place = job };
    }

    private static bool IsEnd(SseItem<string> item) => item.EventType is "completed" or "failed" or "gone";

    private static string CodeOf(string fault) => JsonElement.Parse(fault).TryGetProperty("code", out var code) ? code.ToString() : fault;

    private static string TitleOf(string problem) => JsonElement.Parse(problem).GetProperty("title").GetString()!;

    private static async Task ReadAsync(HttpClient http, HttpRequestMessage request, List<SseItem<string>> seen, CancellationToken cancellationToken)
    {
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        response.EnsureSuccessStatusCode();
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        await foreach (var item in SseParser.Create(stream).EnumerateAsync(cancellationToken))
        {
            seen.Add(item);
        }
    }

    /// <summary>Whether a gateway only says that it cannot answer now.</summary>
    private bool IsPassing(HttpStatusCode status, string body)
    {
        var isPassing = status == HttpStatusCode.ServiceUnavailable;
        if (isPassing)
        {
            _refusals.AddOrUpdate($"{TitleOf(body)}: {JsonElement.Parse(body).GetProperty("detail").GetString()}", 1, static (_, count) => count + 1);
        }

        return isPassing;
    }

    private async Task UntilAsync(Random random, Func<HttpClient, CancellationToken, Task<bool>> attempt)
    {
        while (true)
        {
            HttpClient http;
            lock (random)
            {
                http = _https[random.Next(_https.Length)];
            }

            using var patience = CancellationTokenSource.CreateLinkedTokenSource(_deadline.Token);
            patience.CancelAfter(s_patience);
            try
            {
                if (await attempt(http, patience.Token))
                {
                    return;
                }
            }
            catch (Exception error) when (error is HttpRequestException or IOException or OperationCanceledException && !_deadline.IsCancellationRequested)
            {
                // The gateway is gone, or says nothing: another is asked.
                _refusals.AddOrUpdate(error.GetType().Name + (error as HttpRequestException)?.StatusCode, 1, static (_, count) => count + 1);
            }

            await Task.Delay(s_pace, _deadline.Token);
        }
    }
}
