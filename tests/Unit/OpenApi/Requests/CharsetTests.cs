namespace ToolRuntime.Tests.Unit.OpenApi.Requests;

/// <summary>Bodies are in the charset that they say they are in.</summary>
public sealed class CharsetTests
{
    [Theory]
    [InlineData("text/plain; charset=iso-8859-1", "\u00e9", "\u00e9", "text/plain; charset=iso-8859-1")]
    [InlineData("text/plain; charset=iso-8859-1", "\u20ac", "\u00e2\u0082\u00ac", "text/plain; charset=utf-8")]
    [InlineData("text/plain; charset=koi8-r", "\u041f", "\u00f0", "text/plain; charset=koi8-r")]
    [InlineData("text/plain; charset=x-none", "\u00e9", "\u00c3\u00a9", "text/plain; charset=utf-8")]
    [InlineData("text/plain", "\u00e9", "\u00c3\u00a9", "text/plain; charset=utf-8")]
    [InlineData("text/plain; Charset=\"UTF-8\"", "\u00e9", "\u00c3\u00a9", "text/plain; Charset=\"UTF-8\"")]
    public async Task TextIsInTheDeclaredCharsetOrSaysUtf8(string media, string text, string body, string type)
    {
        var sent = await Sent.OfAsync(Sent.Document(media.Replace("\"", "\\\"", StringComparison.Ordinal), """{"type":"string"}"""), $$"""{"body":"{{text}}"}""");
        Assert.Equal((body, type), (sent.Body, sent.Type));
    }

    [Fact]
    public async Task JsonAndFormsAreAlwaysUtf8()
    {
        var json = await Sent.OfAsync(Sent.Document("application/json; charset=iso-8859-1", Sent.Object("a", """{"type":"string"}""")), """{"a":"é"}""");
        var form = await Sent.OfAsync(Sent.Document("application/x-www-form-urlencoded; charset=iso-8859-1", Sent.Object("a", """{"type":"string"}""")), """{"a":"é"}""");

        Assert.Equal(("{\"a\":\"\u00c3\u00a9\"}", "application/json; charset=utf-8"), (json.Body, json.Type));
        Assert.Equal(("a=%C3%A9", "application/x-www-form-urlencoded; charset=utf-8"), (form.Body, form.Type));
    }

    [Fact]
    public async Task PartsAreInTheCharsetOfTheirType() =>
        Assert.Equal("name=\"a\"\r\nContent-Type: application/xml; charset=iso-8859-1\r\n\r\n\u00e9",
            (await Sent.OfAsync(Sent.Document("multipart/form-data", Sent.Object("a", """{"type":"string"}"""), encoding: """{"a":{"contentType":"application/xml; charset=iso-8859-1"}}"""), """{"a":"é"}""")).Part("a"));
}
