using System.IO.Compression;
using System.Text;
using System.Text.Json;

using Microsoft.AspNetCore.Http;

using ToolRuntime.OpenApi.Calls;
using ToolRuntime.OpenApi.Responses;
using ToolRuntime.Tests.Integration.OpenApi.Wire;

namespace ToolRuntime.Tests.Integration.OpenApi.Calls;

/// <summary>What an answer becomes.</summary>
public sealed class ResultTests : IAsyncLifetime
{
    private RecordingUpstream _upstream = null!;

    public async ValueTask InitializeAsync() => _upstream = await RecordingUpstream.StartAsync();

    public ValueTask DisposeAsync() => _upstream.DisposeAsync();

    [Theory]
    [InlineData("application/json", "{ \"a\": [1.00, \"ü\"],\n \"b\": null }", """{"value":{"a":[1.00,"ü"],"b":null}}""")]
    [InlineData("application/vnd.x+json; charset=utf-8", "[]", """{"value":[]}""")]
    [InlineData("application/json", "\"a\"", """{"value":"a"}""")]
    [InlineData("application/json", "null", """{"value":null}""")]
    [InlineData("text/plain", "a\nb", """{"content":[{"type":"text","text":"a\nb"}]}""")]
    [InlineData("application/xml", "<a/>", """{"content":[{"type":"text","text":"<a/>"}]}""")]
    [InlineData("application/json", "not json", """{"content":[{"type":"text","text":"not json"}]}""")]
    [InlineData("", "{\"a\":1}", """{"value":{"a":1}}""")]
    [InlineData("application/x-unknown", "plain", """{"content":[{"type":"text","text":"plain"}]}""")]
    [InlineData("application/x-ndjson", "{\"a\":1}\n\n[ 2 ]\nplain", """{"value":[{"a":1},[2],"plain"]}""")]
    [InlineData("application/json-seq", "\u001e{\"a\":1}\n\u001e2\n", """{"value":[{"a":1},2]}""")]
    [InlineData("text/event-stream", ": hi\r\ndata: {\"a\":\r\ndata: 1}\r\n\r\nevent: done\ndata: x\nid: 7\n\ndata: [DONE]\n\n", """{"value":[{"a":1},{"event":"done","data":"x"}]}""")]
    public Task BodiesByTheirType(string type, string body, string expected) => AssertAsync(type, Encoding.UTF8.GetBytes(body), expected);

    [Fact]
    public Task CharsetsBecomeUtf8() => AssertAsync("text/plain; charset=iso-8859-1", Encoding.Latin1.GetBytes("é"), """{"content":[{"type":"text","text":"é"}]}""");

    [Fact]
    public Task JsonMayComeInUtf16() => AssertAsync("application/json; charset=utf-16le", Encoding.Unicode.GetBytes("[1]"), """{"value":[1]}""");

    [Fact]
    public Task ImagesAreBlocks() => AssertAsync("image/png", [1, 2, 255], """{"content":[{"type":"image","data":"AQL/","mimeType":"image/png"}]}""");

    [Fact]
    public Task SoundsAreBlocks() => AssertAsync("audio/mpeg", [1, 2, 255], """{"content":[{"type":"audio","data":"AQL/","mimeType":"audio/mpeg"}]}""");

    [Fact]
    public async Task FilesAreResourcesAndLargeOnesLinks()
    {
        Answer("application/pdf", [1, 2, 255], c => c.Response.Headers.ContentDisposition = "attachment; filename=\"a b.pdf\"");
        using var bench = new ApiBench(_upstream.Origin, new ApiSourceOptions { Responses = new ResponseOptions { MaxInlineBytes = 3 } });
        Assert.Equal("""{"content":[{"type":"resource","resource":{"uri":"toolruntime-answer:///inline/a%20b.pdf","mimeType":"application/pdf","blob":"AQL/"}}]}""", await bench.TextAsync());
        Answer("application/zip", [1, 2, 3, 4], c => c.Response.Headers.ContentDisposition = "attachment; filename*=UTF-8''z.zip");
        var link = JsonElement.Parse(await bench.TextAsync()).GetProperty("content")[0];
        Assert.Equal(("resource_link", "z.zip", 4), (link.GetProperty("type").GetString(), link.GetProperty("name").GetString(), link.GetProperty("size").GetInt32()));
        var handle = link.GetProperty("uri").GetString()!.Split('/')[3];
        Assert.Equal([1, 2, 3, 4], bench.Continuations.Find("me", handle)!.Bytes.ToArray());
        Assert.Null(bench.Continuations.Find("you", handle));
    }

    [Theory]
    [InlineData(204, "HTTP 204 No Content")]
    [InlineData(201, "HTTP 201 Created\nLocation: /x/7")]
    public async Task NoBodyIsItsStatus(int status, string text)
    {
        _upstream.Answer = c =>
        {
            c.Response.StatusCode = status;
            c.Response.Headers.Location = status == 201 ? "/x/7" : default;
            return Task.CompletedTask;
        };
        using var bench = new ApiBench(_upstream.Origin);
        Assert.Equal(text, JsonElement.Parse(await bench.TextAsync()).GetProperty("content")[0].GetProperty("text").GetString());
    }

    [Theory]
    [InlineData(404, "application/problem+json", "{\"title\":\"gone\"}", "HTTP 404 Not Found\n{\"title\":\"gone\"}")]
    [InlineData(400, "text/html", "<p>no</p>", "HTTP 400 Bad Request\n<p>no</p>")]
    [InlineData(500, "", "", "HTTP 500 Internal Server Error")]
    [InlineData(403, "application/octet-stream", "a\0b", "HTTP 403 Forbidden\n(3 bytes that are no text)")]
    public async Task ErrorsOfTheApiAreResultsWithStatusAndBody(int status, string type, string body, string text)
    {
        Answer(type, Encoding.UTF8.GetBytes(body), c => c.Response.StatusCode = status);
        using var bench = new ApiBench(_upstream.Origin, new ApiSourceOptions { Upstream = new() { MaxRetries = 0 } });
        var result = await bench.SendAsync(bench.Call());
        var payload = JsonElement.Parse(result.Payload.Span);
        Assert.True(result.IsError && payload.GetProperty("isError").GetBoolean());
        Assert.Equal(text, payload.GetProperty("content")[0].GetProperty("text").GetString());
    }

    [Fact]
    public async Task HeadIsItsHeaders()
    {
        _upstream.Answer = c =>
        {
            c.Response.Headers.ETag = "\"7\"";
            c.Response.Headers.SetCookie = "a=b";
            c.Response.ContentLength = 12;
            return Task.CompletedTask;
        };
        using var bench = new ApiBench(_upstream.Origin, operation: new BenchOperation { Method = "HEAD" });
        var text = JsonElement.Parse(await bench.TextAsync()).GetProperty("content")[0].GetProperty("text").GetString()!;
        Assert.Contains("ETag: \"7\"", text, StringComparison.Ordinal);
        Assert.Contains("Content-Length: 12", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Cookie", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    [InlineData("raw")]
    [InlineData("br")]
    [InlineData("gzip, br")]
    public async Task CompressedBodiesAreReadAsTheyWereMeant(string encoding)
    {
        Answer("application/json", Compressed("{\"a\":1}"u8.ToArray(), encoding), c => c.Response.Headers.ContentEncoding = encoding == "raw" ? "deflate" : encoding);
        using var bench = new ApiBench(_upstream.Origin);
        Assert.Equal("""{"value":{"a":1}}""", await bench.TextAsync());
        Assert.Equal("gzip, deflate, br", _upstream.Single().Headers["Accept-Encoding"]);
    }

    [Fact]
    public async Task LargeJsonIsShortenedKeepsItsShapeAndIsReadOn()
    {
        var whole = $"{{\"items\":[{string.Join(',', Enumerable.Range(0, 1000).Select(i => $"{{\"id\":{i}}}"))}],\"total\":1000}}";
        Answer("application/json", Encoding.UTF8.GetBytes(whole));
        using var bench = new ApiBench(_upstream.Origin, new ApiSourceOptions { Responses = new ResponseOptions { MaxShownBytes = 2000 } });
        var payload = JsonElement.Parse(await bench.TextAsync());
        Assert.InRange(payload.GetProperty("value").GetRawText().Length, 1000, 2000);
        Assert.Equal(1000, payload.GetProperty("value").GetProperty("total").GetInt32());
        var kept = payload.GetProperty("meta").GetProperty(ApiResult.ContinuationMeta);
        Assert.Equal(whole.Length, kept.GetProperty("totalBytes").GetInt32());
        var (piece, next, total) = bench.Continuations.Read("me", kept.GetProperty("handle").GetString()!, 10, 20)!.Value;
        Assert.Equal((whole[10..30], 30, whole.Length), (Encoding.UTF8.GetString(piece.Span), next, total));
    }

    [Fact]
    public async Task LargeTextIsCutBetweenCharactersWithinTheTokens()
    {
        Answer("text/plain", Encoding.UTF8.GetBytes(new string('€', 1000)));
        using var bench = new ApiBench(_upstream.Origin, new ApiSourceOptions { Responses = new ResponseOptions { MaxShownTokens = 25 } });
        var payload = JsonElement.Parse(await bench.TextAsync());
        Assert.Equal(new string('€', 33), payload.GetProperty("content")[0].GetProperty("text").GetString());
        Assert.Equal(99, payload.GetProperty("meta").GetProperty(ApiResult.ContinuationMeta).GetProperty("shownBytes").GetInt32());
    }

    [Fact]
    public async Task ShapesAreApplied()
    {
        Answer("application/json", """{"items":[{"id":1,"name":"b","x":1},{"id":2,"name":"a","x":2}]}"""u8.ToArray());
        using var bench = new ApiBench(_upstream.Origin);
        Assert.Equal("""{"value":{"items":[{"id":1},{"id":2}]}}""", await bench.TextAsync(bench.Call() with { Shape = ResultShape.Parse(["items.id"], null) }));
        Assert.Equal("""{"value":["a","b"]}""", await bench.TextAsync(bench.Call() with { Shape = ResultShape.Parse(["items.name"], "sort_by(items, &name)[*].name") }));
    }

    [Fact]
    public async Task TheNextPageIsOffered()
    {
        Answer("application/json", "[1]"u8.ToArray(), c => c.Response.Headers.Link = "<https://x/y?page=3>; rel=\"next\"");
        using var bench = new ApiBench(_upstream.Origin, operation: new BenchOperation { Query = ["page", "q"] });
        var payload = JsonElement.Parse(await bench.TextAsync(bench.Call("""{"page":2,"q":7}""")));
        Assert.Equal("""{"q":7,"page":3}""", payload.GetProperty("meta").GetProperty(ApiResult.NextMeta).GetRawText());
        Assert.Equal("[1]", payload.GetProperty("value").GetRawText());
        Assert.Contains("call again with {\"page\":3}", payload.GetProperty("content")[1].GetProperty("text").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ItemsOfAStreamComeWhileItRuns()
    {
        var (first, go) = (new TaskCompletionSource<string>(), new TaskCompletionSource());
        _upstream.Answer = async c =>
        {
            c.Response.ContentType = "text/event-stream";
            await c.Response.WriteAsync("data: 1\n\n");
            await c.Response.Body.FlushAsync();
            await go.Task;
            await c.Response.WriteAsync("data: 2\n\n");
        };
        using var bench = new ApiBench(_upstream.Origin);
        var call = bench.TextAsync(bench.Call() with
        {
            OnItem = (item, _) =>
            {
                first.TrySetResult(Encoding.UTF8.GetString(item.Span));
                return ValueTask.CompletedTask;
            },
        });
        Assert.Equal("1", await first.Task);
        Assert.False(call.IsCompleted);
        go.SetResult();
        Assert.Equal("""{"value":[1,2]}""", await call);
    }

    private async Task AssertAsync(string type, byte[] body, string expected)
    {
        Answer(type, body);
        using var bench = new ApiBench(_upstream.Origin);
        Assert.Equal(JsonElement.Parse(expected).GetRawText(), (await bench.TextAsync()).Replace("\\u000A", "\\n", StringComparison.Ordinal));
    }

    private void Answer(string type, byte[] body, Action<HttpContext>? more = null) => _upstream.Answer = async c =>
    {
        c.Response.ContentType = type.Length == 0 ? null : type;
        c.Response.ContentLength = body.Length;
        more?.Invoke(c);
        await c.Response.Body.WriteAsync(body);
    };

    private static byte[] Compressed(byte[] bytes, string encoding)
    {
        foreach (var layer in encoding.Split(", "))
        {
            using var compressed = new MemoryStream();
            using (Stream stream = layer switch
            {
                "gzip" => new GZipStream(compressed, CompressionMode.Compress),
                "br" => new BrotliStream(compressed, CompressionMode.Compress),
                "deflate" => new ZLibStream(compressed, CompressionMode.Compress),
                _ => new DeflateStream(compressed, CompressionMode.Compress),
            })
            {
                stream.Write(bytes);
            }

            bytes = compressed.ToArray();
        }

        return bytes;
    }
}
