using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

using ToolRuntime.Tests.Integration.Bus;

namespace ToolRuntime.Tests.Integration.Gateway.Federation;

/// <summary>One request as an upstream saw it.</summary>
public sealed record SeenRequest(string Method, string Path, IReadOnlyDictionary<string, string> Headers, string Body)
{
    public JsonElement Message => JsonElement.Parse(Body);

    public string? Rpc => Body.StartsWith('{') && Message.TryGetProperty("method", out var method) ? method.GetString() : null;
}

/// <summary>A tool of an upstream: gets the request and the way to say more before the result.</summary>
public delegate Task<string> UpstreamTool(UpstreamTalk talk);

/// <summary>A request under way at an upstream.</summary>
public sealed class UpstreamTalk(UpstreamServer server, JsonElement message, Func<string, Task> say, CancellationToken left)
{
    public JsonElement Params => message.GetProperty("params");

    public CancellationToken Left => left;

    public Task SayAsync(string raw) => say(raw);

    /// <summary>Asks the client by a request of the older era, and waits for the result.</summary>
    public async Task<JsonElement> AskAsync(string id, string method, string parameters)
    {
        var answer = server.Expect(id);
        await say($$"""{"jsonrpc":"2.0","id":"{{id}}","method":"{{method}}","params":{{parameters}}}""");
        return await answer.WaitAsync(BusServer.Limit);
    }
}

/// <summary>An MCP server of the tests on Kestrel, of whichever era, that keeps what it was asked.</summary>
public sealed class UpstreamServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly UpstreamKind _kind;
    private readonly ConcurrentDictionary<string, TaskCompletionSource<JsonElement>> _expected = new();
    private readonly ConcurrentDictionary<string, Func<string, Task>> _streams = new();
    private int _sessions;

    private UpstreamServer(WebApplication app, UpstreamKind kind)
    {
        (_app, _kind) = (app, kind);
        _app.Run(ServeAsync);
    }

    public Uri Url => new(new Uri(_app.Urls.First()), _kind == UpstreamKind.Sse ? "/sse" : "/mcp");

    public ConcurrentQueue<SeenRequest> Seen { get; } = new();

    /// <summary>Raw tools of the list.</summary>
    public List<string> Tools { get; } = [Tool("echo")];

    /// <summary>What its tools do; one that is not here answers with its arguments.</summary>
    public Dictionary<string, UpstreamTool> Calls { get; } = new(StringComparer.Ordinal);

    /// <summary>Answers to methods that are no tool call, by method: raw results.</summary>
    public Dictionary<string, string> Answers { get; } = new(StringComparer.Ordinal)
    {
        ["prompts/list"] = """{"prompts":[{"name":"greet","icons":[{"src":"data:,"}],"arguments":[]}]}""",
        ["resources/list"] = """{"resources":[{"uri":"note://one","name":"one","size":3}]}""",
        ["resources/templates/list"] = """{"resourceTemplates":[{"uriTemplate":"note://{id}","name":"note"}]}""",
    };

    /// <summary>Looks at each request first; true when it has answered.</summary>
    public Func<HttpContext, Task<bool>>? Guard { get; set; }

    /// <summary>Sessions that the server has forgotten.</summary>
    public HashSet<string> Forgotten { get; } = [];

    public static string Tool(string name) => $$$"""{"name":"{{{name}}}","description":"The tool {{{name}}}.","inputSchema":{"type":"object"},"execution":{"taskSupport":"forbidden"},"x-unknown":[1,2]}""";

    public static async Task<UpstreamServer> StartAsync(UpstreamKind kind)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = new UpstreamServer(builder.Build(), kind);
        await server._app.StartAsync();
        return server;
    }

    public Task<JsonElement> Expect(string id) => _expected.GetOrAdd(id, _ => new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    /// <summary>Says something on every open stream that belongs to no request.</summary>
    public async Task TellAsync(string raw)
    {
        foreach (var (key, say) in _streams)
        {
            try
            {
                await say(raw);
            }
            catch (Exception error) when (error is IOException or ObjectDisposedException or InvalidOperationException)
            {
                // A client that has just left.
                _streams.TryRemove(key, out _);
            }
        }
    }

    /// <summary>Streams open for what belongs to no request.</summary>
    public int Streams => _streams.Count;

    public IEnumerable<SeenRequest> Of(string method) => Seen.Where(s => s.Rpc == method);

    /// <summary>The body, from its beginning.</summary>
    public static async Task<string> BodyAsync(HttpRequest request)
    {
        request.Body.Position = 0;
        using var reader = new StreamReader(request.Body, leaveOpen: true);
        return await reader.ReadToEndAsync();
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private async Task ServeAsync(HttpContext context)
    {
        context.Request.EnableBuffering();
        var body = await BodyAsync(context.Request);
        Seen.Enqueue(new SeenRequest(context.Request.Method, context.Request.Path, context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase), body));
        if (Guard is { } guard && await guard(context))
        {
            return;
        }

        if (context.Request.Method == "GET")
        {
            await ListenAsync(context);
        }
        else if (context.Request.Method != "POST" || (_kind == UpstreamKind.Sse && context.Request.Path == "/sse"))
        {
            context.Response.StatusCode = context.Request.Method == "DELETE" ? 200 : 405;
        }
        else
        {
            await TakeAsync(context, JsonElement.Parse(body));
        }
    }

    private async Task ListenAsync(HttpContext context)
    {
        if (_kind is UpstreamKind.Modern or UpstreamKind.Stateless)
        {
            context.Response.StatusCode = 405;
            return;
        }

        var key = Guid.NewGuid().ToString("n");
        var say = Open(context);
        _streams[key] = say;
        await say("");
        if (_kind == UpstreamKind.Sse)
        {
            await context.Response.WriteAsync($"event: endpoint\ndata: /messages?s={key}\n\n");
            await context.Response.Body.FlushAsync();
        }

        var left = new TaskCompletionSource();
        await using var gone = context.RequestAborted.Register(left.SetResult);
        await left.Task;
        _streams.TryRemove(key, out _);
    }

    private async Task TakeAsync(HttpContext context, JsonElement message)
    {
        if (!message.TryGetProperty("method", out var named))
        {
            var answered = _expected.GetOrAdd(message.GetProperty("id").GetString()!, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
            answered.TrySetResult(message.TryGetProperty("result", out var result) ? result.Clone() : message.GetProperty("error").Clone());
            context.Response.StatusCode = 202;
            return;
        }

        var method = named.GetString()!;
        if (_kind == UpstreamKind.Sessions && method != "initialize" && (!context.Request.Headers.TryGetValue("Mcp-Session-Id", out var session) || Forgotten.Contains(session.ToString())))
        {
            context.Response.StatusCode = context.Request.Headers.ContainsKey("Mcp-Session-Id") ? 404 : 400;
            await context.Response.WriteAsJsonAsync(new { jsonrpc = "2.0", error = new { code = -32000, message = "no valid session" }, id = (string?)null });
            return;
        }

        if (!message.TryGetProperty("id", out var id))
        {
            context.Response.StatusCode = 202;
            return;
        }

        await AnswerAsync(context, message, method, id.GetRawText());
    }

    private async Task AnswerAsync(HttpContext context, JsonElement message, string method, string id)
    {
        var say = _kind == UpstreamKind.Sse ? _streams[context.Request.Query["s"].ToString()] : null;
        var opened = say is not null;
        async Task Say(string raw)
        {
            say ??= Open(context);
            opened = true;
            await say(raw);
        }

        if (method == "initialize" && _kind == UpstreamKind.Sessions)
        {
            context.Response.Headers["Mcp-Session-Id"] = $"session-{Interlocked.Increment(ref _sessions)}";
        }

        if (_kind == UpstreamKind.Sse)
        {
            // The answer comes on the stream; the request that was posted is over before that.
            context.Response.StatusCode = 202;
            var talk = new UpstreamTalk(this, message, Say, CancellationToken.None);
            _ = Task.Run(async () => await Say(Answer(id, await ResultAsync(talk, method))));
            return;
        }

        var answer = Answer(id, await ResultAsync(new UpstreamTalk(this, message, Say, context.RequestAborted), method));
        if (opened)
        {
            await Say(answer);
        }
        else
        {
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(answer);
        }
    }

    private static string Answer(string id, string result) => result.StartsWith("{\"error\"", StringComparison.Ordinal)
        ? $$"""{"jsonrpc":"2.0","id":{{id}},{{result[1..]}}"""
        : $$"""{"jsonrpc":"2.0","id":{{id}},"result":{{result}}}""";

    private async Task<string> ResultAsync(UpstreamTalk talk, string method)
    {
        const string capabilities = """{"tools":{"listChanged":true},"prompts":{},"resources":{"subscribe":true},"completions":{}}""";
        switch (method)
        {
            case "initialize" when _kind != UpstreamKind.Modern:
                var revision = _kind switch { UpstreamKind.Sessions => "2025-11-25", UpstreamKind.Stateless => "2025-06-18", _ => "2024-11-05" };
                return $$$"""{"protocolVersion":"{{{revision}}}","capabilities":{{{capabilities}}},"serverInfo":{"name":"upstream","version":"1"}}""";
            case "server/discover" when _kind == UpstreamKind.Modern:
                return $$"""{"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{{capabilities}},"ttlMs":0,"cacheScope":"private"}""";
            case "subscriptions/listen" when _kind == UpstreamKind.Modern:
                return await ListenAsync(talk);
            case "tools/list":
                return $$"""{"tools":[{{string.Join(',', Tools)}}]}""";
            case "tools/call":
                var name = talk.Params.GetProperty("name").GetString()!;
                return Calls.TryGetValue(name, out var tool)
                    ? await tool(talk)
                    : $$$"""{"content":[{"type":"text","text":{{{JsonSerializer.Serialize(talk.Params.GetProperty("arguments").GetRawText())}}} },{"type":"hologram","beams":3}],"x-more":{"kept":true}}""";
            default:
                return Answers.TryGetValue(method, out var answer) ? answer : """{"error":{"code":-32601,"message":"no such method"}}""";
        }
    }

    private async Task<string> ListenAsync(UpstreamTalk talk)
    {
        var key = Guid.NewGuid().ToString("n");
        var id = talk.Params.GetProperty("_meta").GetProperty("progressToken").GetRawText();
        await talk.SayAsync($$$"""{"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{"_meta":{"io.modelcontextprotocol/subscriptionId":{{{id}}} },"notifications":{} } }""");
        _streams[key] = talk.SayAsync;
        var left = new TaskCompletionSource();
        await using var gone = talk.Left.Register(left.SetResult);
        await left.Task;
        _streams.TryRemove(key, out _);
        return "{}";
    }

    private static Func<string, Task> Open(HttpContext context)
    {
        var turn = new SemaphoreSlim(1, 1);
        return async raw =>
        {
            await turn.WaitAsync();
            try
            {
                if (!context.Response.HasStarted)
                {
                    context.Response.ContentType = "text/event-stream";
                    await context.Response.StartAsync();
                }

                await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(raw.Length == 0 ? ":\n\n" : $"event: message\ndata: {raw}\n\n"));
                await context.Response.Body.FlushAsync();
            }
            finally
            {
                turn.Release();
            }
        };
    }
}
