using System.Text.Json;

namespace ToolRuntime.Tests.EndToEnd.Faults;

/// <summary>nats-server is killed while calls run, and comes back.</summary>
public sealed class BusLostTests
{
    private const int Calls = 32;

    private const string Code = """"
        import time
        from toolruntime import Context

        def slow(n: int, ctx: Context) -> int:
            """Takes a second."""
            ctx.progress(0, 1, "begun")
            time.sleep(1)
            return n * 7
        """";

    private const string Pay = """"
        from toolruntime import Context

        def pay(n: int, ctx: Context) -> int:
            """Leaves a mark outside."""
            ctx.tools.call("outside_mark", n=n)
            return n
        """";

    [Fact]
    public async Task CallsCompleteOrFailClearlyAndLaterOnesWork()
    {
        await using var instance = await Part.StartAsync("all");
        await instance.DeployAsync("slow", Code, """{"name":"slow","entry":"slow.py","timeoutSeconds":300}""");
        using var http = new HttpClient { BaseAddress = instance.Url, Timeout = Toolrt.Deadline };
        using var running = new HttpRequestMessage(HttpMethod.Post, "/v1/tools/slow") { Content = new StringContent("""{"n":0}""") };
        running.Headers.Accept.ParseAdd("text/event-stream");
        var calls = Enumerable.Range(1, Calls).Select(n => CallAsync(http, n)).ToList();
        using (var streamed = await http.SendAsync(running, HttpCompletionOption.ResponseHeadersRead))
        {
            using var reader = new StreamReader(await streamed.Content.ReadAsStreamAsync());
            while (await reader.ReadLineAsync() is { } line && !line.Contains("begun", StringComparison.Ordinal))
            {
                Assert.DoesNotContain("failed", line, StringComparison.Ordinal);
            }

            await instance.KillNatsAsync();
        }

        foreach (var (n, status, body) in await Task.WhenAll(calls))
        {
            AssertRightOrClear(n, status, body);
        }

        await ReadyAsync(http);
        var later = await Task.WhenAll(Enumerable.Range(1, Calls).Select(n => CallAsync(http, n)));
        Assert.All(later, call => Assert.True(call.Status == 200 && Value(call.Body) == call.N * 7, call.ToString()));
    }

    [Fact]
    public async Task ACallWithAKeyIsNotRunAgainByAServerThatHasForgottenItsId()
    {
        using var marks = new Marks();
        await using var instance = await Part.StartAsync("all");
        await marks.RegisterAsync(instance);
        await instance.DeployAsync("pay", Pay, """{"name":"pay","entry":"pay.py"}""");
        using var http = new HttpClient { BaseAddress = instance.Url, Timeout = Toolrt.Deadline };
        var first = await PayAsync(http);

        await instance.KillNatsAsync();
        await ReadyAsync(http);
        var again = await PayAsync(http);

        // A second run would come after the first one's answer was given again: another call of the function ends behind it.
        var later = await http.PostAsync("/v1/tools/pay", new StringContent("""{"n":2}"""));
        Assert.True(later.IsSuccessStatusCode);
        Assert.Equal(first, again);
        Assert.Equal((1, 1), (marks[1], marks[2]));
    }

    private static async Task<string> PayAsync(HttpClient http)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/tools/pay") { Content = new StringContent("""{"n":1}"""), Headers = { { "Idempotency-Key", "order" } } };
        using var response = await http.SendAsync(request);
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, body);
        return body;
    }

    private static void AssertRightOrClear(int n, int status, string body)
    {
        if (status == 200)
        {
            Assert.Equal(n * 7, Value(body));
            return;
        }

        using var problem = JsonDocument.Parse(body);
        Assert.Contains(problem.RootElement.GetProperty("title").GetString(), new[] { "BusUnavailable", "RuntimeLost" });
        Assert.NotEmpty(problem.RootElement.GetProperty("detail").GetString()!);
    }

    private static async Task ReadyAsync(HttpClient http)
    {
        using var deadline = new CancellationTokenSource(Toolrt.Deadline);
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (await look.WaitForNextTickAsync(deadline.Token))
        {
            using var response = await http.GetAsync("/readyz", deadline.Token);
            if (response.IsSuccessStatusCode)
            {
                return;
            }
        }
    }

    private static int Value(string body)
    {
        using var document = JsonDocument.Parse(body);
        return document.RootElement.GetProperty("value").GetInt32();
    }

    private static async Task<(int N, int Status, string Body)> CallAsync(HttpClient http, int n)
    {
        using var content = new StringContent($$"""{"n":{{n}}}""");
        using var response = await http.PostAsync("/v1/tools/slow", content);
        return (n, (int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }
}
