using System.Text;
using System.Text.Json;

using ToolRuntime.OpenApi.Requests;

namespace ToolRuntime.Tests.Unit.OpenApi.Requests;

/// <summary>Bodies that are written a block at a time are the same at every size of block and argument.</summary>
public sealed class BodyBlockTests
{
    [Theory]
    [InlineData("""{ "a b" : [ 1.00 , "x\" y \\" , null ] , "c" : { } }""", """{"a b":[1.00,"x\" y \\",null],"c":{}}""")]
    [InlineData(""" "  " """, "\"  \"")]
    [InlineData(" [ ] ", "[]")]
    public void WhiteSpaceIsLeftOutBetweenPartsOnly(string text, string expected)
    {
        using var document = JsonDocument.Parse(text);
        Assert.Equal(expected, CompactJson.Text(document.RootElement));
        for (var block = 1; block < 12; block++)
        {
            var (json, read) = (new CompactJson(document.RootElement), new List<byte>());
            var buffer = new byte[block];
            while (json.Read(buffer) is > 0 and var count)
            {
                read.AddRange(buffer[..count]);
            }

            Assert.Equal(expected, Encoding.UTF8.GetString([.. read]));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(12 * 1024)]
    [InlineData(12 * 1024 + 1)]
    [InlineData(100_000)]
    public async Task BytesComeOutOfBase64AsTheyWere(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        using var document = JsonDocument.Parse($"\"{Convert.ToBase64String(bytes)}\"");
        var body = Base64Body.TryCreate(document.RootElement, 0, "application/octet-stream")!;
        using var written = new MemoryStream();
        await body.WriteAsync(written, CancellationToken.None);
        Assert.Equal(length, body.Length);
        Assert.Equal(bytes, written.ToArray());
    }

    [Fact]
    public async Task AMultipartBodyIsAsLongAsItSays()
    {
        var parts = new[] { ("\r\nA: b\r\n\r\n"u8.ToArray(), (RequestBody)new BytesBody("xyz"u8.ToArray()) { ContentType = "text/plain" }) };
        foreach (var body in (MultipartBody[])[new("B", parts) { ContentType = "" }, new("B", []) { ContentType = "" }])
        {
            using var written = new MemoryStream();
            await body.WriteAsync(written, CancellationToken.None);
            Assert.Equal(body.Length, written.Length);
        }
    }
}
