using System.Text;

using ToolRuntime.OpenApi.Documents;
using ToolRuntime.OpenApi.Har;

namespace ToolRuntime.Tests.Unit.OpenApi.Har;

/// <summary>Recordings as drafts.</summary>
public sealed class HarDraftTests
{
    private const string Recording = """
        {"log":{"entries":[
          {"request":{"method":"GET","url":"https://api.example.com/v1/users/42/orders?page=1&api_key=SECRET1","headers":[{"name":"Authorization","value":"Bearer SECRET2"},{"name":"X-Tenant","value":"acme"},{"name":"User-Agent","value":"b"}],"queryString":[{"name":"page","value":"1"},{"name":"api_key","value":"SECRET1"}]},
           "response":{"status":200,"statusText":"OK","content":{"mimeType":"application/json; charset=utf-8","text":"[{\"id\":1,\"name\":\"SECRET3\",\"sum\":1.5}]"}}},
          {"request":{"method":"GET","url":"https://api.example.com/v1/users/43/orders?page=2","headers":[],"queryString":[{"name":"page","value":"2"}]},
           "response":{"status":200,"content":{"mimeType":"application/json","encoding":"base64","text":"W3siaWQiOjIsIm5hbWUiOm51bGx9XQ=="}}},
          {"request":{"method":"POST","url":"https://api.example.com/v1/users","headers":[],"queryString":[],"postData":{"mimeType":"application/json","text":"{\"name\":\"SECRET4\",\"tags\":[\"a\"]}"}},
           "response":{"status":201,"content":{"mimeType":"application/json","text":"{}"}}},
          {"request":{"method":"GET","url":"https://api.example.com/app.css","headers":[]},"response":{"status":200,"content":{"mimeType":"text/css"}}},
          {"request":{"method":"GET","url":"https://cdn.example.com/x","headers":[]},"response":{"status":200,"content":{"mimeType":"application/json","text":"1"}}},
          "nonsense"]}}
        """;

    [Fact]
    public void HavePathsTypesAndNoSecrets()
    {
        var yaml = HarDraft.Write(Encoding.UTF8.GetBytes(Recording), null, new ReadOptions());
        Assert.DoesNotContain("SECRET", yaml, StringComparison.Ordinal);
        Assert.DoesNotContain("acme", yaml, StringComparison.Ordinal);
        var model = Read.Model(yaml);
        Assert.Empty(model.Refusals);
        Assert.Equal(["GET /v1/users/{userId}/orders", "POST /v1/users"], model.Operations.Select(o => o.Key));
        var orders = model.Operations[0];
        Assert.Equal([("userId", true), ("page", true), ("X-Tenant", false)], orders.Parameters.Select(p => (p.Name, p.IsRequired)));
        Assert.Equal(["bearer", "query_api_key"], model.SecuritySchemes.Keys.Order(StringComparer.Ordinal));
        var item = orders.Responses[0].Media[0].Schema.Node.GetProperty("items");
        Assert.Equal("""["null","string"]""", item.GetProperty("properties").GetProperty("name").GetProperty("type").Text());
        Assert.Equal("""["id","name"]""", item.GetProperty("required").Text());
        Assert.Equal("array", model.Operations[1].Body!.Media[0].Schema.Node.GetProperty("properties").GetProperty("tags").GetProperty("type").GetString());
        Assert.Equal("https://api.example.com", orders.Servers[0].Url);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"log":{"entries":[]}}""")]
    [InlineData("nonsense")]
    public void OtherFilesAreRefused(string text) => Assert.Throws<ApiDocumentException>(() => HarDraft.Write(Encoding.UTF8.GetBytes(text), null, new ReadOptions()));
}
