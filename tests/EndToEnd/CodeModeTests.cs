using System.Net;
using System.Text;
using System.Text.Json;

namespace ToolRuntime.Tests.EndToEnd;

/// <summary>Scripts of agents that run in a sandbox against a typed client of an HTTP API.</summary>
[Collection(InstanceTests.Name)]
public sealed class CodeModeTests(RunningInstance instance) : IAsyncLifetime
{
    private const string Document = """
        openapi: 3.1.0
        info: {title: Stock, version: 1.0.0}
        servers: [{url: ORIGIN}]
        paths:
          /items:
            get: {operationId: listItems, tags: [items], summary: Lists items, responses: {'200': {description: ok}}}
          /items/{id}:
            get:
              operationId: getItem
              tags: [items]
              parameters: [{name: id, in: path, required: true, schema: {type: integer}}, {name: in-full, in: query, schema: {type: boolean}}]
              responses: {'200': {description: ok}}
        """;

    private readonly HttpListener _upstream = new();
    private readonly List<string> _asked = [];

    public async ValueTask InitializeAsync()
    {
        var origin = $"http://127.0.0.1:{Toolrt.FreePort()}";
        _upstream.Prefixes.Add(origin + "/");
        _upstream.Start();
        _ = ServeAsync();
        var file = instance.File("stock.yaml", Document.Replace("ORIGIN", origin, StringComparison.Ordinal));
        await instance.DoAsync("openapi", file, "--list-at-most", "1", "--allow-host", "127.0.0.1");
    }

    public async ValueTask DisposeAsync()
    {
        await instance.RunAsync("rm", "stock");
        _upstream.Close();
    }

    [Fact]
    public async Task APythonScriptCallsOperationsAndGivesItsLastExpression()
    {
        var answer = await RunAsync("python", """
            total = 0
            for item in api.items.list_items():
                found = api.items.get_item(id=item["id"], in_full=True)
                print("price", found["price"])
                total += found["price"]
            {"total": total}
            """);

        Assert.Equal(30, answer.GetProperty("result").GetProperty("total").GetInt32());
        Assert.Equal("price 10\nprice 20\n", answer.GetProperty("output").GetString());
        Assert.Contains("/items/2?in-full=true", _asked);
    }

    [Fact]
    public async Task AJavaScriptScriptCallsManyAtOnceAndReturns()
    {
        var answer = await RunAsync("javascript", """
            const all = await Promise.all((await api.items.listItems()).map(item => api.items.getItem({ id: item.id, 'in-full': true })));
            console.log('found', all.length);
            return all.map(item => item.price);
            """);

        Assert.Equal([10, 20], answer.GetProperty("result").EnumerateArray().Select(p => p.GetInt32()));
        Assert.Equal("found 2\n", answer.GetProperty("output").GetString());
    }

    [Theory]
    [InlineData("python", "x = 1\nx.nope", "line 2: AttributeError")]
    [InlineData("python", "print('so far')\napi.items.get_item(id=404)", "no such item")]
    [InlineData("python", "def broken(:\n", "line 1: invalid syntax")]
    [InlineData("javascript", "const x = 1;\nx.nope.y;", "line 2: TypeError")]
    [InlineData("javascript", "await api.items.getItem({ id: 404 });", "no such item")]
    [InlineData("javascript", "process.exit(3)", "node ended with 3")]
    public async Task WhatGoesWrongIsNamedWithItsLine(string language, string code, string reason)
    {
        var ended = await instance.RunAsync("call", "stock_run_script", JsonSerializer.Serialize(new { language, code }));

        Assert.Equal(1, ended.ExitCode);
        Assert.Contains(reason, ended.Errors + ended.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SearchAndDescriptionSayHowAScriptCallsATool()
    {
        var found = await instance.JsonAsync("call", "stock_search_tools", """{"query":"one item"}""");
        var described = await instance.JsonAsync("call", "stock_describe_tools", """{"names":["stock_getItem"]}""");

        Assert.Contains("items.get_item", found.GetRawText(), StringComparison.Ordinal);
        var tool = described.GetProperty("value").GetProperty("tools")[0];
        Assert.StartsWith("api.items.get_item(id: int", tool.GetProperty("python").GetString(), StringComparison.Ordinal);
        Assert.StartsWith("api.items.getItem({", tool.GetProperty("javascript").GetString(), StringComparison.Ordinal);
    }

    private async Task<JsonElement> RunAsync(string language, string code) =>
        (await instance.JsonAsync("call", "stock_run_script", JsonSerializer.Serialize(new { language, code }))).GetProperty("value");

    private async Task ServeAsync()
    {
        while (_upstream.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await _upstream.GetContextAsync();
            }
            catch (Exception error) when (error is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            Answer(context);
        }
    }

    private void Answer(HttpListenerContext context)
    {
        var target = context.Request.RawUrl!;
        lock (_asked)
        {
            _asked.Add(target);
        }

        var id = target.Split('/', '?').Skip(2).FirstOrDefault();
        var (status, body) = id switch
        {
            null => (200, """[{"id":1},{"id":2}]"""),
            "404" => (404, """{"error":"no such item"}"""),
            _ => (200, $$"""{"id":{{id}},"price":{{id}}0}"""),
        };
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        context.Response.Close(Encoding.UTF8.GetBytes(body), willBlock: false);
    }
}
