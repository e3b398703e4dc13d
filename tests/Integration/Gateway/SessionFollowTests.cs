using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json;

using ToolRuntime.Bus.Queue;
using ToolRuntime.Functions;
using ToolRuntime.Tests.Integration.Bus;

namespace ToolRuntime.Tests.Integration.Gateway;

/// <summary>One session, seen from several places, late, and stopped.</summary>
public sealed class SessionFollowTests
{
    private const int Pieces = 600;

    [Fact]
    public async Task WhoJoinsLateGetsOneCompactEventForSixHundredPiecesAndThenTheRest()
    {
        await using var gateway = await GatewayInstance.StartAsync();
        var session = Ids.New();
        var (half, go) = (new TaskCompletionSource(), new TaskCompletionSource());
        await gateway.DeployAsync("tell", async call =>
        {
            await call.EmitAsync(EventKind.Started, "{}");
            for (var i = 0; i < Pieces; i++)
            {
                await call.EmitAsync(EventKind.Output, $$"""{"text":"{{i}} "}""");
            }

            half.SetResult();
            await go.Task;
            await call.EmitAsync(EventKind.Output, """{"text":"last"}""");
            return """{"value":"all"}""";
        });

        var calling = CallAsync(gateway, "tell", session);
        await half.Task.WaitAsync(BusServer.Limit);
        using var whole = new Watch(gateway, $"/v1/sessions/{session}/events?compact=false&until=end");
        using var late = new Watch(gateway, $"/v1/sessions/{session}/events?until=end");
        var (first, compact) = (await late.NextAsync(), await late.NextAsync());
        go.SetResult();
        var rest = await late.RestAsync();
        var all = await whole.RestAsync();
        await calling;

        Assert.Equal("started", first.EventType);
        using var standsFor = JsonDocument.Parse(compact.Data);
        Assert.Equal(Pieces, standsFor.RootElement.GetProperty("compact").GetProperty("events").GetInt32());
        Assert.Equal(string.Concat(Enumerable.Range(0, Pieces).Select(i => $"{i} ")), standsFor.RootElement.GetProperty("text").GetString());
        Assert.Equal(["output", "completed"], rest.Select(e => e.EventType));
        Assert.Equal(Pieces + 3, all.Count);
        Assert.Equal(all[^2].EventId, rest[0].EventId);

        // After the end: its start, and its last event, which holds everything.
        using var after = new Watch(gateway, $"/v1/sessions/{session}/events?until=end");
        Assert.Equal(["started", "completed"], (await after.RestAsync()).Select(e => e.EventType));

        // And from any event on, exactly what follows.
        using var resumed = new Watch(gateway, $"/v1/sessions/{session}/events?until=end&compact=false", all[300].EventId);
        Assert.Equal(all.Skip(301).Select(e => e.EventId), (await resumed.RestAsync()).Select(e => e.EventId));
    }

    [Fact]
    public async Task AStoppedSessionEndsWhatRunsAndWhatWaits()
    {
        await using var gateway = await GatewayInstance.StartAsync();
        var (tenant, session) = (Caller.LocalTenant, Ids.New());
        var earlier = BusServer.NewInvocation(tenant) with { Session = session };
        var running = new TaskCompletionSource<ControlSignal>();
        using var listening = gateway.Bus.Control.Listen(earlier, s => running.TrySetResult(s));

        using var stopped = await gateway.Client.PostAsync($"/v1/sessions/{session}/stop", null);
        Assert.True(stopped.IsSuccessStatusCode);
        Assert.Equal(ControlKind.Cancel, (await running.Task.WaitAsync(BusServer.Limit)).Kind);

        // One that waited in the queue meanwhile is told when it is taken; one that comes later is not.
        var (waited, later) = (new TaskCompletionSource<ControlSignal>(), new TaskCompletionSource<ControlSignal>());
        using var waiting = gateway.Bus.Control.Listen(earlier with { Id = Ids.New() }, s => waited.TrySetResult(s));
        using var fresh = gateway.Bus.Control.Listen(earlier with { Id = Ids.New(), AcceptedAt = TimeProvider.System.GetUtcNow().AddMinutes(1) }, s => later.TrySetResult(s));
        Assert.Equal(ControlKind.Cancel, (await waited.Task.WaitAsync(BusServer.Limit)).Kind);
        Assert.False(later.Task.IsCompleted);
    }

    private static async Task CallAsync(GatewayInstance gateway, string tool, string session)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/tools/{tool}?session={session}") { Content = new StringContent("{}", Encoding.UTF8, "application/json") };
        request.Headers.Accept.ParseAdd("text/event-stream");
        using var response = await gateway.Client.SendAsync(request);
        Assert.True(response.IsSuccessStatusCode);
    }

    /// <summary>One watcher.</summary>
    private sealed class Watch(GatewayInstance gateway, string path, string? after = null) : IDisposable
    {
        private readonly IAsyncEnumerator<SseItem<string>> _events = ReadAsync(gateway, path, after).GetAsyncEnumerator();

        public async Task<SseItem<string>> NextAsync()
        {
            Assert.True(await _events.MoveNextAsync());
            return _events.Current;
        }

        public async Task<List<SseItem<string>>> RestAsync()
        {
            var rest = new List<SseItem<string>>();
            while (await _events.MoveNextAsync())
            {
                rest.Add(_events.Current);
            }

            return rest;
        }

        public void Dispose() => _events.DisposeAsync().AsTask().Wait(BusServer.Limit);

        private static async IAsyncEnumerable<SseItem<string>> ReadAsync(GatewayInstance gateway, string path, string? after)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            if (after is not null)
            {
                request.Headers.Add("Last-Event-ID", after);
            }

            using var response = await gateway.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            Assert.True(response.IsSuccessStatusCode, $"{response.StatusCode}");
            await using var stream = await response.Content.ReadAsStreamAsync();
            await foreach (var item in SseParser.Create(stream).EnumerateAsync())
            {
                yield return item;
            }
        }
    }
}
