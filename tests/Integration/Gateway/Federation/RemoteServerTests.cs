using System.Net;
using System.Text;
using System.Text.Json;

using ToolRuntime.Functions;
using ToolRuntime.Tests.Integration.Bus;

namespace ToolRuntime.Tests.Integration.Gateway.Federation;

/// <summary>Remote MCP servers of every era behind the gateway, for clients of both eras.</summary>
public sealed class RemoteServerTests
{
    [Theory]
    [InlineData(UpstreamKind.Modern, true)]
    [InlineData(UpstreamKind.Modern, false)]
    [InlineData(UpstreamKind.Sessions, true)]
    [InlineData(UpstreamKind.Sessions, false)]
    [InlineData(UpstreamKind.Stateless, true)]
    [InlineData(UpstreamKind.Stateless, false)]
    [InlineData(UpstreamKind.Sse, true)]
    [InlineData(UpstreamKind.Sse, false)]
    public async Task ToolsOfEveryEraAreListedAndCalledUntouched(UpstreamKind kind, bool isModern)
    {
        await using var gateway = await GatewayInstance.StartAsync();
        await using var upstream = await UpstreamServer.StartAsync(kind);
        await AddAsync(gateway, "docs", upstream);
        var client = new McpClient(gateway, isModern: isModern);

        var tool = (await client.ResultAsync("tools/list")).GetProperty("tools")[0];
        Assert.Equal("docs_echo", tool.GetProperty("name").GetString());
        Assert.Equal("""{"taskSupport":"forbidden"}""", tool.GetProperty("execution").GetRawText());
        Assert.Equal("[1,2]", tool.GetProperty("x-unknown").GetRawText());

        var result = await client.CallAsync("docs_echo", """{"a":1}""", ",\"x-param\":7");
        Assert.Equal("""{"a":1}""", result.GetProperty("content")[0].GetProperty("text").GetString());
        Assert.Equal("""{"type":"hologram","beams":3}""", result.GetProperty("content")[1].GetRawText());
        Assert.True(result.GetProperty("x-more").GetProperty("kept").GetBoolean());
        var called = upstream.Of("tools/call").Single().Message.GetProperty("params");
        Assert.Equal("echo", called.GetProperty("name").GetString());
        Assert.Equal(7, called.GetProperty("x-param").GetInt32());
    }

    [Theory]
    [InlineData(UpstreamKind.Modern)]
    [InlineData(UpstreamKind.Sessions)]
    public async Task PromptsResourcesAndCompletionsPassWithThePrefixOfTheSource(UpstreamKind kind)
    {
        await using var gateway = await GatewayInstance.StartAsync();
        await using var upstream = await UpstreamServer.StartAsync(kind);
        upstream.Answers["prompts/get"] = """{"messages":[]}""";
        upstream.Answers["resources/read"] = """{"contents":[{"uri":"note://two","text":"2"}]}""";
        upstream.Answers["completion/complete"] = """{"completion":{"values":["x"]}}""";
        await AddAsync(gateway, "docs", upstream);
        var client = new McpClient(gateway);

        var prompt = (await client.ResultAsync("prompts/list")).GetProperty("prompts")[0];
        Assert.Equal("docs_greet", prompt.GetProperty("name").GetString());
        Assert.Equal("""[{"src":"data:,"}]""", prompt.GetProperty("icons").GetRawText());
        Assert.Equal("note://one", (await client.ResultAsync("resources/list")).GetProperty("resources")[0].GetProperty("uri").GetString());
        await client.ResultAsync("prompts/get", """{"name":"docs_greet"}""");
        await client.ResultAsync("completion/complete", """{"ref":{"type":"ref/prompt","name":"docs_greet"},"argument":{"name":"a","value":""}}""");
        Assert.Equal("2", (await client.ResultAsync("resources/read", """{"uri":"note://two"}""")).GetProperty("contents")[0].GetProperty("text").GetString());

        Assert.Equal("greet", upstream.Of("prompts/get").Single().Message.GetProperty("params").GetProperty("name").GetString());
        Assert.Equal("greet", upstream.Of("completion/complete").Single().Message.GetProperty("params").GetProperty("ref").GetProperty("name").GetString());
    }

    [Fact]
    public async Task TheHeadersOfTheModernEraSayWhatTheBodySays()
    {
        await using var gateway = await GatewayInstance.StartAsync();
        await using var upstream = await UpstreamServer.StartAsync(UpstreamKind.Modern);
        upstream.Tools[0] = """{"name":"place","inputSchema":{"type":"object","properties":{"city":{"type":"string","x-mcp-header":"City"}}}}""";
        await AddAsync(gateway, "docs", upstream);

        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/tools/docs_place") { Content = Json("""{"city":"Zürich"}""") };
        using var answer = await gateway.Client.SendAsync(request, BusServer.Deadline());

        var headers = upstream.Of("tools/call").Single().Headers;
        Assert.Equal(("2026-07-28", "tools/call", "place"), (headers["MCP-Protocol-Version"], headers["Mcp-Method"], headers["Mcp-Name"]));
        Assert.Equal($"=?base64?{Convert.ToBase64String("Zürich"u8)}?=", headers["Mcp-Param-City"]);
        Assert.False(headers.ContainsKey("Mcp-Session-Id"));
    }

    [Fact]
    public async Task AForgottenSessionIsBegunAnewAndTheCallGoesThrough()
    {
        await using var gateway = await GatewayInstance.StartAsync();
        await using var upstream = await UpstreamServer.StartAsync(UpstreamKind.Sessions);
        await AddAsync(gateway, "docs", upstream);
        var client = new McpClient(gateway);
        await client.CallAsync("docs_echo");
        var first = upstream.Of("tools/call").Single().Headers["Mcp-Session-Id"];
        upstream.Forgotten.Add(first);

        await client.CallAsync("docs_echo");

        var last = upstream.Of("tools/call").Last();
        Assert.NotEqual(first, last.Headers["Mcp-Session-Id"]);
        Assert.Equal("2025-11-25", last.Headers["MCP-Protocol-Version"]);
    }

    [Fact]
    public async Task CallersAndSessionsHaveUpstreamSessionsOfTheirOwn()
    {
        await using var gateway = await GatewayInstance.StartAsync();
        await using var upstream = await UpstreamServer.StartAsync(UpstreamKind.Sessions);
        await AddAsync(gateway, "docs", upstream);
        await AddAsync(gateway, "same", upstream, ",\"sessions\":\"tenant\"");
        var (one, other) = (McpClient.Legacy(gateway), McpClient.Legacy(gateway));

        foreach (var client in new[] { one, other, one })
        {
            await client.CallAsync("docs_echo");
            await client.CallAsync("same_echo");
        }

        var sessions = upstream.Of("tools/call").Select(c => c.Headers["Mcp-Session-Id"]).ToList();
        Assert.Equal(sessions[0], sessions[4]);
        Assert.NotEqual(sessions[0], sessions[2]);
        Assert.Equal([sessions[1], sessions[1]], [sessions[3], sessions[5]]);
    }

    [Fact]
    public async Task ALostStreamIsGoneOnWithFromItsLastEvent()
    {
        await using var gateway = await GatewayInstance.StartAsync();
        await using var upstream = await UpstreamServer.StartAsync(UpstreamKind.Sessions);
        await AddAsync(gateway, "docs", upstream);
        upstream.Guard = async context =>
        {
            var last = context.Request.Headers["Last-Event-ID"].ToString();
            var call = upstream.Seen.Last();
            if (context.Request.Method == "GET" && last == "e1")
            {
                var id = upstream.Of("tools/call").Single().Message.GetProperty("id").GetRawText();
                context.Response.ContentType = "text/event-stream";
                await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes($$$"""data: {"jsonrpc":"2.0","id":{{{id}}},"result":{"content":[{"type":"text","text":"resumed"}]}}""" + "\n\n"));
                return true;
            }

            if (call.Rpc != "tools/call")
            {
                return false;
            }

            context.Response.ContentType = "text/event-stream";
            await context.Response.Body.WriteAsync("id: e1\nretry: 1\ndata: \n\n"u8.ToArray());
            return true;
        };

        var result = await new McpClient(gateway).CallAsync("docs_echo");

        Assert.Equal("resumed", result.GetProperty("content")[0].GetProperty("text").GetString());
    }

    [Theory]
    [InlineData(UpstreamKind.Sessions)]
    [InlineData(UpstreamKind.Sse)]
    [InlineData(UpstreamKind.Modern)]
    public async Task ProgressReachesTheClientWithItsOwnToken(UpstreamKind kind)
    {
        await using var gateway = await GatewayInstance.StartAsync();
        await using var upstream = await UpstreamServer.StartAsync(kind);
        upstream.Calls["echo"] = async talk =>
        {
            var token = talk.Params.GetProperty("_meta").GetProperty("progressToken").GetRawText();
            await talk.SayAsync($$$"""{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":{{{token}}},"progress":1,"total":2}}""");
            return """{"content":[]}""";
        };
        await AddAsync(gateway, "docs", upstream);
        List<string> heard = [];

        await new McpClient(gateway).CallAsync("docs_echo", heard: m =>
        {
            heard.Add(m.GetProperty("params").GetRawText());
            return Task.CompletedTask;
        });

        Assert.Equal(["""{"progressToken":"p","progress":1,"total":2}"""], heard);
    }

    [Theory]
    [InlineData(UpstreamKind.Modern, true)]
    [InlineData(UpstreamKind.Modern, false)]
    [InlineData(UpstreamKind.Sessions, true)]
    [InlineData(UpstreamKind.Sessions, false)]
    [InlineData(UpstreamKind.Sse, false)]
    public async Task QuestionsAreTranslatedBetweenTheEras(UpstreamKind kind, bool isModern)
    {
        await using var gateway = await GatewayInstance.StartAsync();
        await using var upstream = await UpstreamServer.StartAsync(kind);
        const string question = """{"mode":"form","message":"Who?","requestedSchema":{"type":"object","properties":{"name":{"type":"string"}}}}""";
        upstream.Calls["echo"] = async talk => kind == UpstreamKind.Modern
            ? talk.Params.TryGetProperty("inputResponses", out var given)
                ? Text($"Hello, {given.GetProperty("who").GetProperty("content").GetProperty("name").GetString()} {talk.Params.GetProperty("requestState").GetString()}")
                : $$$"""{"resultType":"input_required","inputRequests":{"who":{"method":"elicitation/create","params":{{{question}}}}},"requestState":"sealed"}"""
            : Text($"Hello, {(await talk.AskAsync("q1", "elicitation/create", question)).GetProperty("content").GetProperty("name").GetString()} sealed");
        await AddAsync(gateway, "docs", upstream);
        var client = new McpClient(gateway, isModern: isModern);
        const string accepted = """{"action":"accept","content":{"name":"Ada"}}""";

        var result = await client.CallAsync("docs_echo", heard: m => client.AnswerAsync(m.GetProperty("id"), accepted));
        if (isModern)
        {
            Assert.Equal("input_required", result.GetProperty("resultType").GetString());
            var key = result.GetProperty("inputRequests").EnumerateObject().Single().Name;
            var more = $$""","inputResponses":{"{{key}}":{{accepted}}},"requestState":"{{result.GetProperty("requestState").GetString()}}" """;
            result = await client.CallAsync("docs_echo", more: more.TrimEnd());
        }

        Assert.Equal("Hello, Ada sealed", result.GetProperty("content")[0].GetProperty("text").GetString());
    }

    [Fact]
    public async Task ACallThatItsCallerLeavesIsCancelledAtTheServer()
    {
        await using var gateway = await GatewayInstance.StartAsync();
        await using var upstream = await UpstreamServer.StartAsync(UpstreamKind.Modern);
        var (begun, left) = (new TaskCompletionSource(), new TaskCompletionSource());
        upstream.Calls["echo"] = async talk =>
        {
            await using var gone = talk.Left.Register(left.SetResult);
            begun.SetResult();
            await left.Task;
            return "{}";
        };
        await AddAsync(gateway, "docs", upstream);
        using var leaving = new CancellationTokenSource();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/mcp")
        {
            Content = Json("""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"docs_echo","arguments":{},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}"""),
        };
        request.Headers.Add("MCP-Protocol-Version", "2026-07-28");
        request.Headers.Add("Mcp-Method", "tools/call");
        request.Headers.Add("Mcp-Name", "docs_echo");
        var call = gateway.Client.SendAsync(request, leaving.Token);
        await begun.Task.WaitAsync(BusServer.Limit);

        await leaving.CancelAsync();

        await left.Task.WaitAsync(BusServer.Limit);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }

    internal static string Text(string text) => $$"""{"content":[{"type":"text","text":{{JsonSerializer.Serialize(text)}}}]}""";

    internal static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");

    /// <summary>Adds an upstream as a remote source with the prefix of its name.</summary>
    internal static async Task<JsonElement> AddAsync(GatewayInstance gateway, string name, UpstreamServer upstream, string remote = "", string more = "")
    {
        using var answer = await PutAsync(gateway, name, $$"""{"remote":{"url":"{{upstream.Url}}","allowHosts":["127.0.0.1"]{{remote}}},"prefix":"{{name}}_"{{more}}}""");
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.OK, text);
        return JsonElement.Parse(text);
    }

    internal static Task<HttpResponseMessage> PutAsync(GatewayInstance gateway, string name, string body) =>
        gateway.Admin.PutAsync($"/admin/sources/{name}", Json(body), BusServer.Deadline());
}
