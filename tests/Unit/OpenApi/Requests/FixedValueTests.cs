using System.Text.Json;

namespace ToolRuntime.Tests.Unit.OpenApi.Requests;

/// <summary>Parameters that can have but one value, and empty text in paths.</summary>
public sealed class FixedValueTests
{
    [Theory]
    [InlineData("""{"const":"2022-11-28"}""")]
    [InlineData("""{"type":"string","enum":["2022-11-28"]}""")]
    public async Task WhatIsNeededAndCanHaveButOneValueIsSentWithoutBeingAskedFor(string schema)
    {
        var document = Document("/a", $$"""{"name":"X-Version","in":"header","required":true,"schema":{{schema}} }""");
        Assert.False(Read.Tools(document).Tools[0].Input().TryGetProperty("required", out _));
        Assert.Contains(new("X-Version", "2022-11-28"), (await Sent.OfAsync(document, "{}")).Request.Headers);
    }

    [Fact]
    public async Task WhatMayBeLeftOutStaysOut()
    {
        var document = Document("/a", """{"name":"X-Version","in":"header","schema":{"const":"1"} }""");
        Assert.DoesNotContain((await Sent.OfAsync(document, "{}")).Request.Headers, h => h.Key == "X-Version");
    }

    /// <summary>OpenAPI 3.2.1, "Style Examples": empty text is <c>;color</c> in the style matrix; in the others it would be an empty segment.</summary>
    [Fact]
    public async Task EmptyTextIsTakenWhereItsStyleWritesTheName()
    {
        var matrix = Document("/a/{color}", """{"name":"color","in":"path","required":true,"style":"matrix","schema":{"type":"string"} }""");
        Assert.Equal("http://api.example/a/;color", (await Sent.OfAsync(matrix, """{"color":""}""")).Request.Url);
        Assert.False(Color(matrix).TryGetProperty("minLength", out _));
        Assert.Equal(1, Color(matrix.Replace("matrix", "simple", StringComparison.Ordinal)).GetProperty("minLength").GetInt32());
    }

    private static JsonElement Color(string document) => Read.Tools(document).Tools[0].Input().GetProperty("properties").GetProperty("color");

    private static string Document(string path, string parameter) => $$"""
        {"openapi":"3.1.0","info":{"title":"t","version":"1"},"paths":{"{{path}}":{"get":{"operationId":"a","parameters":[{{parameter}}],"responses":{} } } } }
        """;
}
