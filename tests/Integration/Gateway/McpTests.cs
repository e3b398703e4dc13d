using System.Net;
using System.Text.Json;

using ToolRuntime.Bus.Queue;
using ToolRuntime.Functions;
using ToolRuntime.Tests.Integration.Bus;

namespace ToolRuntime.Tests.Integration.Gateway;

/// <summary>What the two eras of the protocol promise about streams, on the wire and on a real bus.</summary>
public sealed class McpTests
{
    [Theory]
    [InlineData("2024-11-05")]
    [InlineData("2025-03-26")]
    [InlineData("2025-06-18")]
    [InlineData("2025-11-25")]
    public async Task EveryOlderRevisionIsSpoken(string revision)
    {
        await using var gateway = await GatewayInstance.StartAsync();
        await gateway.DeployAsync("plain", _ => Task.FromResult("""{"value":1}"""), output: """{"type":"integer"}""");

        var (session, result) = await McpTalk.InitializeAsync(gateway.Client, revision);
        using var listing = McpTalk.InSession(session, """{"jsonrpc":"2.0","id":1,"method":"tools/list"}""");
        using var listed = await gateway.Client.SendAsync(listing, BusServer.Deadline());
        using var calling = McpTalk.InSession(session, """{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"plain","arguments":{}}}""");
        using var called = await gateway.Client.SendAsync(calling, BusServer.Deadline());

        Assert.Equal(revision, result.GetProperty("protocolVersion").GetString());
        Assert.Equal("plain", (await JsonAsync(listed)).GetProperty("result").GetProperty("tools")[0].GetProperty("name").GetString());
        Assert.Equal("1", (await JsonAsync(called)).GetProperty("result").GetProperty("content")[0].GetProperty("text").GetString());
    }

    [Fact]
    public async Task AnAnswerIsPlainJsonUnlessSomethingPrecedesIt()
    {
        await using var gateway = await GatewayInstance.StartAsync();
        await gateway.DeployAsync("speaks", async call =>
        {
            await call.EmitAsync(EventKind.Progress, """{"progress":1}""");
            return """{"value":1}""";
        });

        using var quiet = await gateway.Client.SendAsync(Call("speaks"), BusServer.Deadline());
        using var streamed = await gateway.Client.SendAsync(Call("speaks", "\"progressToken\":7,"), BusServer.Deadline());

        Assert.Equal("application/json", quiet.Content.Headers.ContentType!.MediaType);
        Assert.Equal("text/event-stream", streamed.Content.Headers.ContentType!.MediaType);
        var text = await streamed.Content.ReadAsStringAsync(BusServer.Deadline());
        Assert.True(text.IndexOf("\"progressToken\":7", StringComparison.Ordinal) is >= 0 and var progress && progress < text.IndexOf("\"result\"", StringComparison.Ordinal), text);
    }

    [Fact]
    public async Task ProgressIsHeardWhileTheFunctionRuns()
    {
        await using var gateway = await GatewayInstance.StartAsync();
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await gateway.DeployAsync("slow", async call =>
        {
            await call.EmitAsync(EventKind.Progress, """{"progress":1}""");
            await goOn.Task;
            return """{"value":1}""";
        });

        using var response = await gateway.Client.SendAsync(Call("slow", "\"progressToken\":7,"), HttpCompletionOption.ResponseHeadersRead, BusServer.Deadline());
        await McpTalk.UntilAsync(response, "\"progress\":1");
        goOn.SetResult();

        await McpTalk.UntilAsync(response, "\"result\"");
    }

    [Fact]
    public async Task WhatTheGatewayDoesNotKnowPassesUntouched()
    {
        await using var gateway = await GatewayInstance.StartAsync();
        var got = "";
        await gateway.DeployAsync("future", call =>
        {
            got = call.Arguments.GetRawText();
            return Task.FromResult("""{"content":[{"type":"text","text":"x","future":{"b":1.0}}]}""");
        });

        using var response = await gateway.Client.SendAsync(McpTalk.Stateless("tools/call", "\"name\":\"future\",\"arguments\":{ \"a\":1.0, \"ß\":[] },\"unknown\":1,", "future"), BusServer.Deadline());

        Assert.Equal("""{ "a":1.0, "ß":[] }""", got);
        Assert.Equal("""{"type":"text","text":"x","future":{"b":1.0}}""", (await JsonAsync(response)).GetProperty("result").GetProperty("content")[0].GetRawText());
    }

    [Fact]
    public async Task InTheStatelessEraAClosedStreamCancelsTheCall()
    {
        await using var gateway = await GatewayInstance.StartAsync();
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await gateway.DeployAsync("endless", call => HoldAsync(gateway, call, cancelled));

        using (var response = await gateway.Client.SendAsync(Call("endless", "\"progressToken\":7,"), HttpCompletionOption.ResponseHeadersRead, BusServer.Deadline()))
        {
            await McpTalk.UntilAsync(response, "\"progress\":1");
        }

        await cancelled.Task.WaitAsync(BusServer.Limit, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task InTheOlderEraAClosedStreamIsResumedAndACancelNeedsItsNotification()
    {
        await using var gateway = await GatewayInstance.StartAsync();
        var (goOn, cancelled) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        await gateway.DeployAsync("counted", async call =>
        {
            using var listening = gateway.Bus.Control.Listen(call.Invocation.Caller.Tenant, call.Invocation.Id, _ => cancelled.TrySetResult());
            await call.EmitAsync(EventKind.Progress, """{"progress":1}""");
            await goOn.Task;
            await call.EmitAsync(EventKind.Progress, """{"progress":2}""");
            return """{"value":3}""";
        });
        await gateway.DeployAsync("endless", call => HoldAsync(gateway, call, cancelled));
        var (session, _) = await McpTalk.InitializeAsync(gateway.Client, "2025-11-25");

        var last = await BeginAsync(gateway, session, 5, "counted");
        goOn.SetResult();
        using var again = new HttpRequestMessage(HttpMethod.Get, "/mcp");
        again.Headers.Add("Mcp-Session-Id", session);
        again.Headers.Add("Last-Event-ID", last);
        again.Headers.Accept.ParseAdd("text/event-stream");
        using var rest = await gateway.Client.SendAsync(again, BusServer.Deadline());
        var text = await rest.Content.ReadAsStringAsync(BusServer.Deadline());

        Assert.DoesNotContain("\"progress\":1", text, StringComparison.Ordinal);
        Assert.Contains("\"progress\":2", text, StringComparison.Ordinal);
        Assert.Contains("\"id\":5,\"result\"", text, StringComparison.Ordinal);
        Assert.False(cancelled.Task.IsCompleted);

        await BeginAsync(gateway, session, 6, "endless");
        using var cancelling = McpTalk.InSession(session, """{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":6}}""");
        using var accepted = await gateway.Client.SendAsync(cancelling, BusServer.Deadline());
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        await cancelled.Task.WaitAsync(BusServer.Limit, TestContext.Current.CancellationToken);
    }

    /// <summary>A client opens its stream in its own time, and a network may take it away for a while.</summary>
    [Fact]
    public async Task AListThatChangedBeforeTheClientListenedIsTold()
    {
        await using var gateway = await GatewayInstance.StartAsync();
        var (session, _) = await McpTalk.InitializeAsync(gateway.Client, "2025-11-25");
        using var before = await ListenAsync(gateway, session);
        await gateway.DeployAsync("late", _ => Task.FromResult("""{"value":1}"""));
        await McpTalk.UntilAsync(before, "notifications/tools/list_changed");
        before.Dispose();
        await gateway.DeployAsync("later", _ => Task.FromResult("""{"value":1}"""));

        using var after = await ListenAsync(gateway, session);

        await McpTalk.UntilAsync(after, "notifications/tools/list_changed");
    }

    private static async Task<HttpResponseMessage> ListenAsync(GatewayInstance gateway, string session)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/mcp");
        request.Headers.Add("Mcp-Session-Id", session);
        request.Headers.Accept.ParseAdd("text/event-stream");
        return await gateway.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, BusServer.Deadline());
    }

    private static HttpRequestMessage Call(string tool, string meta = "") => McpTalk.Stateless("tools/call", $"\"name\":\"{tool}\",\"arguments\":{{}},", tool, meta);

    /// <summary>Says that it has begun, and ends only when it is cancelled.</summary>
    private static async Task<string> HoldAsync(GatewayInstance gateway, PeerCall call, TaskCompletionSource cancelled)
    {
        using var listening = gateway.Bus.Control.Listen(call.Invocation.Caller.Tenant, call.Invocation.Id, signal => _ = signal.Kind == ControlKind.Cancel && cancelled.TrySetResult());
        await call.EmitAsync(EventKind.Progress, """{"progress":1}""");
        await cancelled.Task;
        throw new FunctionFaultException(FaultCode.Cancelled, "cancelled");
    }

    /// <summary>Starts a call in a session, reads its first progress and closes the stream; the id of the last event.</summary>
    private static async Task<string> BeginAsync(GatewayInstance gateway, string session, int id, string tool)
    {
        using var request = McpTalk.InSession(session, $$$$"""{"jsonrpc":"2.0","id":{{{{id}}}},"method":"tools/call","params":{"name":"{{{{tool}}}}","arguments":{},"_meta":{"progressToken":"t"}}}""");
        using var response = await gateway.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, BusServer.Deadline());
        return await McpTalk.UntilAsync(response, "\"progress\":1");
    }

    private static async Task<JsonElement> JsonAsync(HttpResponseMessage response) => JsonElement.Parse(await response.Content.ReadAsStringAsync(BusServer.Deadline()));
}
