using System.Text.Json;

using ToolRuntime.OpenApi.Clients;
using ToolRuntime.OpenApi.Tools;
using ToolRuntime.Tests.Unit.OpenApi.Search;

namespace ToolRuntime.Tests.Unit.OpenApi.Clients;

/// <summary>Names, hints and listings of typed clients.</summary>
public sealed class ClientSurfaceTests
{
    [Fact]
    public void MethodsAreGroupedByTagWithoutPrefixAndGroup()
    {
        var surface = ClientSurface.Of([Tool("x_issues_list", "issues"), Tool("x_create", "Issues"), Tool("x_import", "import")], "x_");
        Assert.Equal([("issues", "list"), ("issues", "create"), ("import", "import")], surface.Methods.Select(m => (m.Group, m.Name)));
    }

    [Fact]
    public void MethodsOfOneNameAreToldApartByTheirToolsWhateverTheOrder()
    {
        ApiTool[] tools = [Tool("get-a", "g"), Tool("getA", "g"), Tool("get_b", "g")];
        var forth = ClientSurface.Of(tools, "").Methods.ToDictionary(m => m.Tool.Name, m => m.Name);
        var back = ClientSurface.Of([.. tools.Reverse()], "").Methods.ToDictionary(m => m.Tool.Name, m => m.Name);
        Assert.Equal(forth, back);
        Assert.Equal(3, forth.Values.Distinct().Count());
        Assert.Equal("get_b", forth["get_b"]);
    }

    [Theory]
    [InlineData("filter[created_at][$gte]", "filter_created_at_gte")]
    [InlineData("X-Api-Key", "x_api_key")]
    [InlineData("2fa", "x_2fa")]
    [InlineData("名前", "x")]
    [InlineData("", "x")]
    public void NamesOfDocumentsBecomeNamesOfPrograms(string name, string snake) => Assert.Equal(snake, Identifiers.Snake(name));

    [Fact]
    public void ReservedWordsAreMended()
    {
        Assert.Equal(("from_", "self_", "size"), (Identifiers.Python("from"), Identifiers.Python("self"), Identifiers.Python("size")));
        Assert.Equal(("constructor_", "delete", "listForRepo"), (Identifiers.JavaScript("constructor"), Identifiers.JavaScript("delete"), Identifiers.JavaScript("list_for_repo")));
        Assert.Equal(["a_b", "a_b_2", "ab_2_2"], Identifiers.Distinct(["a-b", "a.b", "ab_2"]));
    }

    [Fact]
    public void HintsFollowTheSchema()
    {
        var root = JsonElement.Parse("""
            {"$defs":{"n":{"type":"object","properties":{"n":{"$ref":"#/$defs/n"}}}},
             "properties":{"a":{"type":["string","null"]},"b":{"enum":["x",1,null]},"c":{"type":"array","items":{"type":"integer"}},
             "d":{"$ref":"#/$defs/n"},"e":{"anyOf":[{"type":"number"},{"type":"boolean"}]},"f":{},"g":{"$ref":"#/nowhere"},"h":true}}
            """u8);
        var hints = root.GetProperty("properties").EnumerateObject().Select(p => PythonTypes.Plain(ValueShape.Of(p.Value, root)));
        Assert.Equal(["str | None", "Literal[\"x\", 1, None]", "list[int]", "dict[str, Any]", "float | bool", "Any", "Any", "Any"], hints);
    }

    [Fact]
    public void AListingHoldsItsBudgetAndGoesOnWhereItStopped()
    {
        var methods = ClientSurface.Of([.. Enumerable.Range(0, 100).Select(i => Tool($"list_{i}", "g"))], "").Methods;
        var pages = 0;
        var lines = 0;
        for (int? at = 0; at is { } start; pages++)
        {
            var page = ClientListing.Write(methods, pages % 2 == 0 ? ScriptLanguage.Python : ScriptLanguage.JavaScript, start, 1000);
            Assert.InRange(page.Text.Length, 1, 1000);
            lines += page.Text.Count(c => c == '\n');
            at = page.Next;
        }

        Assert.Equal(100, lines);
        Assert.True(pages > 2);
        Assert.StartsWith("g.list_0(isbn: str, note?: str)  # x", ClientListing.Write(methods, ScriptLanguage.Python, 0, 1).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void WordsOfADocumentCannotLeaveTheirComment()
    {
        var hostile = SearchTools.Tool("t", "GET", "/t", "\"\"\"\timport os */ process.exit() \\ x", "", "g");
        var methods = ClientSurface.Of([hostile], "").Methods;
        Assert.Contains("        \"\"\"''' import os * / process.exit() / x", PythonClient.Write(methods), StringComparison.Ordinal);
        Assert.Equal(1, JavaScriptClient.Write(methods).Split("*/").Length - 1);
    }

    private static ApiTool Tool(string name, string tag) => SearchTools.Tool(name, "GET", "/t", "x", "", tag);
}
