namespace ToolRuntime.Tests.Unit.OpenApi.Requests;

/// <summary>Arrays within arrays (Swagger 2.0, Items Object).</summary>
public sealed class NestedArrayTests
{
    [Theory]
    [InlineData("multi", "csv", "?q=a,b&q=c%2Cd")]
    [InlineData("csv", "pipes", "?q=a%7Cb,c%2Cd")]
    [InlineData("pipes", "", "?q=a,b%7Cc%2Cd")]
    public async Task InnerArraysAreJoinedBeforeTheOuterOne(string outer, string inner, string query)
    {
        var document = $$"""
            {"swagger":"2.0","info":{"title":"t","version":"1"},"host":"a.example","paths":{"/a":{"get":{"operationId":"a","responses":{},"parameters":[
              {"name":"q","in":"query","type":"array","collectionFormat":"{{outer}}","items":{"type":"array","collectionFormat":"{{inner}}","items":{"type":"string"} } }] } } } }
            """;
        Assert.EndsWith("/a" + query, (await Sent.OfAsync(document, """{"q":[["a","b"],["c,d"]]}""")).Request.Url, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PathsAndFormsHaveThemToo()
    {
        var document = """
            {"swagger":"2.0","info":{"title":"t","version":"1"},"host":"a.example","paths":{"/a/{p}":{"post":{"operationId":"a","responses":{},"parameters":[
              {"name":"p","in":"path","required":true,"type":"array","items":{"type":"array","collectionFormat":"ssv","items":{"type":"integer"} } },
              {"name":"f","in":"formData","type":"array","collectionFormat":"multi","items":{"type":"array","items":{"type":"array","collectionFormat":"pipes","items":{"type":"integer"} } } } ] } } } }
            """;
        var sent = await Sent.OfAsync(document, """{"p":[[1,2],[3]],"f":[[[1,2],[],[3]],[]]}""");
        Assert.EndsWith("/a/1%202,3", sent.Request.Url, StringComparison.Ordinal);
        Assert.Equal("f=1%7C2,,3&f=", sent.Body);
    }
}
