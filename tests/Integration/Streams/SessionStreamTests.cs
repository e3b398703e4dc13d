using System.Net;
using System.Text;
using System.Text.Json;

using ToolRuntime.Bus.Sessions;
using ToolRuntime.Functions;
using ToolRuntime.Tests.Integration.Bus;

namespace ToolRuntime.Tests.Integration.Streams;

/// <summary>Topics of sessions over the Durable Streams protocol.</summary>
public sealed class SessionStreamTests(BusServer server)
{
    private const string NextOffset = "Stream-Next-Offset";

    [Fact]
    public async Task EventsOfCallsAndMessagesAreReadInOneOrderAtAnyGateway()
    {
        await using var one = await StreamGateway.StartAsync(server.Options);
        await using var other = await StreamGateway.StartAsync(server.Options);
        var session = Ids.New();
        var writer = await one.Bus.Topics.OpenWriterAsync(new TopicKey(Caller.LocalTenant, session, Ids.New(), SessionIsExplicit: true), 1, BusServer.Deadline());
        await writer.EmitAsync(new InvocationEvent(EventKind.Started, "{}"u8.ToArray()), BusServer.Deadline());
        using var posted = await other.Client.SendAsync(Message(session, """[{"say":"a"},"b"]"""));
        await writer.EmitAsync(new InvocationEvent(EventKind.Completed, """{"value":1}"""u8.ToArray()), BusServer.Deadline());

        using var read = await one.Client.GetAsync(Of(session, "?offset=-1"));
        using var rest = await other.Client.GetAsync(Of(session, $"?offset={read.Headers.GetValues(NextOffset).Single()}"));

        Assert.Equal(HttpStatusCode.NoContent, posted.StatusCode);
        using var events = JsonDocument.Parse(await read.Content.ReadAsStringAsync());
        Assert.Equal(["started", "message", "completed"], events.RootElement.EnumerateArray().Select(e => e.GetProperty("event").GetString()));
        Assert.Equal("""[{"say":"a"},"b"]""", events.RootElement[1].GetProperty("data").GetRawText());
        Assert.Equal("""{"value":1}""", events.RootElement[2].GetProperty("data").GetRawText());
        Assert.Equal("[]", await rest.Content.ReadAsStringAsync());
        Assert.Equal("true", rest.Headers.GetValues("Stream-Up-To-Date").Single());
    }

    [Fact]
    public async Task WhoWaitsIsToldAndEachBatchIsStoredOnce()
    {
        await using var gateway = await StreamGateway.StartAsync(server.Options);
        var session = Ids.New();
        using var head = await gateway.Client.SendAsync(new HttpRequestMessage(HttpMethod.Put, Of(session)));
        var offset = head.Headers.GetValues(NextOffset).Single();
        var waiting = gateway.Client.GetAsync(Of(session, $"?offset={offset}&live=long-poll"));
        using var events = await gateway.Client.GetStreamAsync(Of(session, $"?offset={offset}&live=sse"));
        using var lines = new StreamReader(events);

        using var first = await gateway.Client.SendAsync(Message(session, "7", batch: 0));
        using var again = await gateway.Client.SendAsync(Message(session, "7", batch: 0));
        using var second = await gateway.Client.SendAsync(Message(session, "8", batch: 1));

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NoContent, HttpStatusCode.OK), (first.StatusCode, again.StatusCode, second.StatusCode));
        using var told = await waiting;
        Assert.Contains("""
            "data":[7]
            """, await told.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        var data = new List<string>();
        while (data.Count < 2)
        {
            var line = await lines.ReadLineAsync(BusServer.Deadline());
            data.AddRange(line!.StartsWith("data:[{", StringComparison.Ordinal) ? [line[line.IndexOf("\"data\"", StringComparison.Ordinal)..]] : []);
        }

        Assert.Equal(["\"data\":[7]}]", "\"data\":[8]}]"], data);
    }

    [Fact]
    public async Task APlaceThatIsNotKeptIsGone()
    {
        await using var gateway = await StreamGateway.StartAsync(server.Options);

        using var read = await gateway.Client.GetAsync(Of(Ids.New(), "?offset=0999999999999999_0999999999999999"));

        Assert.Equal(HttpStatusCode.Gone, read.StatusCode);
    }

    [Theory]
    [InlineData("DELETE", null, HttpStatusCode.MethodNotAllowed)]
    [InlineData("PUT", "text/plain", HttpStatusCode.Conflict)]
    [InlineData("POST", "text/plain", HttpStatusCode.Conflict)]
    [InlineData("POST", "application/json", HttpStatusCode.BadRequest)]
    public async Task WhatATopicIsNotIsRefused(string method, string? type, HttpStatusCode status)
    {
        await using var gateway = await StreamGateway.StartAsync(server.Options);
        using var request = new HttpRequestMessage(new HttpMethod(method), Of(Ids.New())) { Content = type is null ? null : new StringContent("no json", Encoding.UTF8, type) };

        using var answer = await gateway.Client.SendAsync(request);

        Assert.Equal(status, answer.StatusCode);
    }

    private static string Of(string session, string query = "") => $"/v1/sessions/{session}/stream{query}";

    private static HttpRequestMessage Message(string session, string json, long? batch = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, Of(session)) { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        if (batch is { } number)
        {
            request.Headers.Add("Producer-Id", "p");
            request.Headers.Add("Producer-Epoch", "0");
            request.Headers.Add("Producer-Seq", $"{number}");
        }

        return request;
    }
}
