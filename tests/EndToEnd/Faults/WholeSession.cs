using System.Net.ServerSentEvents;

namespace ToolRuntime.Tests.EndToEnd.Faults;

/// <summary>What a reader got over many connections, set against what its session's topic holds.</summary>
internal static class WholeSession
{
    /// <summary>Every event is there, once, in order, and the end once; returns the end.</summary>
    public static async Task<SseItem<string>> AssertAsync(HttpClient http, string session, IReadOnlyList<SseItem<string>> seen)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/sessions/{session}/events?compact=false&until=end");
        request.Headers.Accept.ParseAdd("text/event-stream");
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        var whole = new List<SseItem<string>>();
        await foreach (var item in SseParser.Create(await response.Content.ReadAsStreamAsync()).EnumerateAsync())
        {
            whole.Add(item);
        }

        Assert.Equal(whole.Select(e => (e.EventId, e.EventType, e.Data)), seen.Select(e => (e.EventId, e.EventType, e.Data)));
        Assert.Equal(seen.Count, seen.Select(e => e.EventId).Distinct().Count());
        var end = Assert.Single(seen, e => e.EventType is "completed" or "failed" or "gone");
        Assert.Equal(seen[^1], end);
        return end;
    }
}
