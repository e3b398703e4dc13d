using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

using ToolRuntime.Functions;
using ToolRuntime.Gateway.Apis;
using ToolRuntime.Tests.Integration.OpenApi.Wire;

namespace ToolRuntime.Tests.Integration.Gateway;

/// <summary>An API as MCP clients see it: schemas their models can take, what was cut, and files that are too large for a result.</summary>
public sealed class ApiClientTests : IAsyncLifetime
{
    private const int FileBytes = 3 << 20;

    private static readonly string s_document = $$"""
        {"openapi":"3.1.0","info":{"title":"Shop","version":"1"},"servers":[{"url":"ORIGIN"}],"paths":{
          "/find":{"post":{"operationId":"find",
            "requestBody":{"required":true,"content":{"application/json":{"schema":{"type":"object","required":["word"],"properties":{"word":{"type":"string"},"most":{"type":"integer"},"gone":{"type":["string","null"]} } } } } },
            "responses":{"200":{"description":"ok","content":{"application/json":{"schema":{"type":"object","properties":{"n":{"type":"integer"} } } } } } } } },
          "/file":{"get":{"operationId":"file","responses":{"200":{"description":"ok","content":{"application/octet-stream":{} } } } } },
          "/keep":{"post":{"operationId":"keep","requestBody":{"required":true,"content":{"application/octet-stream":{} } },"responses":{"204":{"description":"kept"} } } },
          "/choose":{"get":{"operationId":"choose","parameters":[{"name":"kind","in":"query","schema":{"enum":[{{string.Join(',', Enumerable.Range(0, 2000).Select(i => $"\"kind-{i}\""))}}]} }],"responses":{"200":{"description":"ok"} } } } } }
        """;

    private GatewayInstance _gateway = null!;
    private RecordingUpstream _upstream = null!;

    public async ValueTask InitializeAsync()
    {
        _gateway = await GatewayInstance.StartAsync();
        _upstream = await RecordingUpstream.StartAsync();
        var root = new Uri("file:///package/openapi.json");
        var package = new ApiPackage
        {
            Root = root,
            Documents = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal) { [root.AbsoluteUri] = Encoding.UTF8.GetBytes(s_document.Replace("ORIGIN", _upstream.Origin, StringComparison.Ordinal)) },
        };
        var settings = JsonSerializer.Serialize(new ApiSettings { Root = root.AbsoluteUri, AllowedHosts = ["127.0.0.1"] }, FunctionsJson.Default.ApiSettings);
        using var body = new StreamContent(await package.WriteAsync(TestContext.Current.CancellationToken)) { Headers = { ContentType = new MediaTypeHeaderValue("application/x-tar") } };
        using var response = await _gateway.Admin.PostAsync($"/admin/apis?name=shop&settings={Uri.EscapeDataString(settings)}", body);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await _upstream.DisposeAsync();
        await _gateway.DisposeAsync();
    }

    [Fact]
    public async Task AClientOfTheStructuredModeGetsItsSchemasAndItsNullsMeanNothing()
    {
        var tools = await AskAsync("tools/list", "", "openai-strict");
        var find = tools.GetProperty("tools").EnumerateArray().Single(t => t.GetProperty("name").GetString() == "shop_find").GetProperty("inputSchema");
        Assert.Equal(["word", "most", "gone"], find.GetProperty("required").EnumerateArray().Select(n => n.GetString()));
        Assert.False(find.GetProperty("properties").TryGetProperty("_select", out _));

        await AskAsync("tools/call", """ "name":"shop_find","arguments":{"word":"x","most":null,"gone":null}, """, "openai-strict", "shop_find");
        Assert.Equal("""{"word":"x","gone":null}""", Encoding.UTF8.GetString(_upstream.Single().Body));
    }

    [Fact]
    public async Task ASchemaForNobodyIsRefusedWithTheNamesOfThoseThatAreThere()
    {
        using var request = McpTalk.Stateless("tools/list");
        request.RequestUri = new Uri("/mcp?schema=nope", UriKind.Relative);
        using var response = await _gateway.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("strict-2020-12, openai-strict, gemini, no-defs", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatWasCutOfASchemaIsGivenWhenAsked()
    {
        var listed = (await AskAsync("tools/list")).GetProperty("tools").EnumerateArray().ToList();
        var kind = listed.Single(t => t.GetProperty("name").GetString() == "shop_choose").GetProperty("inputSchema").GetProperty("properties").GetProperty("kind");
        var seen = new List<string?>();
        for (var part = kind; ;)
        {
            seen.AddRange(part.TryGetProperty("enum", out var values) ? values.EnumerateArray().Select(v => v.GetString()) : []);
            if (!part.TryGetProperty("x-truncated", out var more))
            {
                break;
            }

            var given = await AskAsync("tools/call", $$""" "name":"shop_expand_schema","arguments":{"name":"shop_choose","part":{{more.GetRawText()}}}, """, name: "shop_expand_schema");
            part = JsonElement.Parse(given.GetProperty("content")[0].GetProperty("text").GetString()!).GetProperty("schema");
        }

        Assert.Equal(Enumerable.Range(0, 2000).Select(i => $"kind-{i}"), seen);
    }

    [Fact]
    public async Task AFileTooLargeForAResultIsAResourceThatCanBeRead()
    {
        var file = AnswerWithFile(seed: 7);
        var result = await AskAsync("tools/call", """ "name":"shop_file","arguments":{}, """, name: "shop_file");
        var link = result.GetProperty("content")[0];
        Assert.Equal(("resource_link", FileBytes), (link.GetProperty("type").GetString(), link.GetProperty("size").GetInt32()));

        var uri = link.GetProperty("uri").GetString()!;
        var read = await AskAsync("resources/read", $"\"uri\":\"{uri}\",", name: uri);
        Assert.Equal(file, read.GetProperty("contents")[0].GetProperty("blob").GetBytesFromBase64());

        var (session, handshake) = await McpTalk.InitializeAsync(_gateway.Client, "2025-11-25");
        Assert.True(handshake.GetProperty("capabilities").TryGetProperty("resources", out _));
        using var again = McpTalk.InSession(session, $$$"""{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"{{{uri}}}"} }""");
        using var answer = await _gateway.Client.SendAsync(again, TestContext.Current.CancellationToken);
        Assert.Equal(file, JsonElement.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).GetProperty("result").GetProperty("contents")[0].GetProperty("blob").GetBytesFromBase64());

        using var gone = McpTalk.InSession(session, """{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"toolruntime-answer:///00/x"} }""");
        using var refused = await _gateway.Client.SendAsync(gone, TestContext.Current.CancellationToken);
        Assert.Contains("nothing is kept under this URI", await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnAnswerOfOneOperationIsTheBodyOfAnotherByItsUri()
    {
        var file = AnswerWithFile(seed: 8);
        var result = await AskAsync("tools/call", """ "name":"shop_file","arguments":{}, """, name: "shop_file");
        var uri = result.GetProperty("content")[0].GetProperty("uri").GetString();
        _upstream.Requests.Clear();

        await AskAsync("tools/call", $$""" "name":"shop_keep","arguments":{"body":"{{uri}}"}, """, name: "shop_keep");
        Assert.Equal(file, _upstream.Single().Body);

        var refused = await AskAsync("tools/call", """ "name":"shop_keep","arguments":{"body":"toolruntime-answer:///00/x"}, """, name: "shop_keep");
        Assert.Contains("names a resource that is not there", refused.GetProperty("content")[0].GetProperty("text").GetString(), StringComparison.Ordinal);
    }

    /// <summary>Lets the API answer <c>/file</c> with a file that is too large for a result, and everything else with nothing.</summary>
    private byte[] AnswerWithFile(int seed)
    {
        var file = new byte[FileBytes];
        new Random(seed).NextBytes(file);
        _upstream.Answer = async context =>
        {
            context.Response.ContentType = "application/octet-stream";
            await context.Response.Body.WriteAsync(context.Request.Path == "/file" ? file : default(ReadOnlyMemory<byte>));
        };
        return file;
    }

    private async Task<JsonElement> AskAsync(string method, string parameters = "", string? schema = null, string? name = null)
    {
        using var request = McpTalk.Stateless(method, parameters, name);
        request.RequestUri = new Uri(schema is null ? "/mcp" : $"/mcp?schema={schema}", UriKind.Relative);
        using var response = await _gateway.Client.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return JsonElement.Parse(text).TryGetProperty("result", out var result) ? result : throw new InvalidDataException(text);
    }
}
