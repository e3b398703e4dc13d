using System.Net.ServerSentEvents;

namespace ToolRuntime.Tests.EndToEnd.Faults;

/// <summary>A long streaming call whose reader loses its connection, then its gateway, and goes on at another one.</summary>
public sealed class ResumeTests
{
    private const string Session = "thesessionofresumers";

    private const string Code = """"
        import time
        from typing import Iterator

        def count() -> Iterator[str]:
            """Counts, slowly."""
            for i in range(200):
                time.sleep(0.05)
                yield f"{i} "
        """";

    [Fact]
    public async Task EveryEventComesOnceInOrderWhicheverGatewayIsAsked()
    {
        await using var runtime = await Part.StartAsync("runtime");
        await using var first = await Part.JoinAsync("gateway", runtime);
        await using var second = await Part.JoinAsync("gateway", runtime);
        await first.DeployAsync("count", Code, """{"name":"count","entry":"count.py","timeoutSeconds":600}""");
        using var deadline = new CancellationTokenSource(Toolrt.Deadline);
        var seen = new List<SseItem<string>>();

        // The connection is lost; the same gateway goes on.
        await ReadAsync(first, HttpMethod.Post, "/v1/tools/count", seen, seen.Count + 20, deadline.Token);
        await ReadAsync(first, HttpMethod.Get, "/v1/tools/count", seen, seen.Count + 20, deadline.Token);

        // The gateway is killed; another one goes on, for one call as for the session as a whole.
        await first.KillAsync();
        await ReadAsync(second, HttpMethod.Get, "/v1/tools/count", seen, seen.Count + 20, deadline.Token);
        await ReadAsync(second, HttpMethod.Get, $"/v1/sessions/{Session}/events", seen, int.MaxValue, deadline.Token, "&compact=false&until=end");

        using var http = new HttpClient { BaseAddress = second.Url, Timeout = Toolrt.Deadline };
        Assert.Equal("completed", (await WholeSession.AssertAsync(http, Session, seen)).EventType);
        Assert.Contains("\"198 \",\"199 \"", seen[^1].Data, StringComparison.Ordinal);
    }

    /// <summary>Reads until there are so many events, or the stream ends; then the connection is dropped.</summary>
    private static async Task ReadAsync(Part gateway, HttpMethod method, string path, List<SseItem<string>> seen, int until, CancellationToken cancellationToken, string query = "")
    {
        using var http = new HttpClient { BaseAddress = gateway.Url, Timeout = Toolrt.Deadline };
        using var request = new HttpRequestMessage(method, $"{path}?session={Session}{query}");
        request.Headers.Accept.ParseAdd("text/event-stream");
        if (method == HttpMethod.Post)
        {
            request.Content = new StringContent("{}");
        }
        else if (seen.Count > 0)
        {
            request.Headers.Add("Last-Event-ID", seen[^1].EventId);
        }

        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        Assert.True(response.IsSuccessStatusCode, $"{path}: {response.StatusCode}");
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        await foreach (var item in SseParser.Create(stream).EnumerateAsync(cancellationToken))
        {
            seen.Add(item);
            if (seen.Count >= until)
            {
                return;
            }
        }
    }
}
