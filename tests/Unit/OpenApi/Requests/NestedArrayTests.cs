namespace ToolRuntime.Tests.Unit.OpenApi.Requests;

/// <summary>Arrays within arrays (Swagger 2.0, Items Object).</summary>
public sealed class NestedArrayTests
{
    [Theory]
    [InlineData("multi", "csv", "?q=a%2Cb&q=c")]
    [InlineData("csv", "pipes", "?q=a%7Cb,c")]
    [InlineData("pipes", "", "?q=a%2Cb%7Cc")]
    public async Task InnerArraysAreJoinedBeforeTheOuterOne(string outer, string inner, string query)
    {
        var document = $$"""
            {"swagger":"2.0","info":{"title":"t","version":"1"},"host":"a.example","paths":{"/a":{"get":{"operationId":"a","responses":{},"parameters":[
              {"name":"q","in":"query","type":"array","collectionFormat":"{{outer}}","items":{"type":"array","collectionFormat":"{{inner}}","items":{"type":"string"} } }] } } } }
            """;
        Assert.EndsWith("/a" + query, (await Sent.OfAsync(document, """{"q":[["a","b"],["c"]]}""")).Request.Url, StringComparison.Ordinal);
    }
}
