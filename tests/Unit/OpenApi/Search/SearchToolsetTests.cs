using System.Text.Json;

using ToolRuntime.OpenApi.Schemas;
using ToolRuntime.OpenApi.Search.Toolset;
using ToolRuntime.OpenApi.Tools;

namespace ToolRuntime.Tests.Unit.OpenApi.Search;

/// <summary>The three tools that stand for many.</summary>
public sealed class SearchToolsetTests
{
    private static readonly SearchToolset s_library = new(SearchTools.Library, "lib_", "the library");

    [Fact]
    public void ASearchGivesNameSummaryRequiredAndReadOnly()
    {
        var tool = Parse(s_library.Search("list books", 1, [], null)).GetProperty("tools")[0];
        Assert.Equal("lib_list_books", tool.GetProperty("name").GetString());
        Assert.Equal("List books", tool.GetProperty("summary").GetString());
        Assert.Equal(["isbn"], tool.GetProperty("required").EnumerateArray().Select(n => n.GetString()));
        Assert.True(tool.GetProperty("readOnly").GetBoolean());
    }

    [Theory]
    [InlineData("loans", 2)]
    [InlineData("LOANS", 2)]
    [InlineData("loan", 0)]
    public void TagsNarrowASearch(string tag, int found) =>
        Assert.Equal(found, Parse(s_library.Search("book user", 25, [tag], null)).GetProperty("tools").GetArrayLength());

    [Fact]
    public void WhatACallerMayNotUseIsNeitherFoundNorDescribed()
    {
        static bool IsRead(ApiTool tool) => tool.Operation.Method == "GET";
        Assert.All(Names(s_library.Search("book", 25, [], IsRead), "tools"), n => Assert.True(IsRead(s_library.Find(n)!)));
        var described = s_library.Describe(["lib_delete_book"], IsRead, (SchemaDialect.Strict202012, null));
        Assert.Empty(Names(described, "tools"));
        var unknown = Parse(described).GetProperty("unknown")[0];
        Assert.DoesNotContain("lib_delete_book", unknown.GetProperty("nearest").EnumerateArray().Select(n => n.GetString()));
    }

    [Fact]
    public void ADescriptionHasTheSchemaAndNearestNamesForUnknownOnes()
    {
        var answer = Parse(s_library.Describe(["lib_get_book", "lib_get_boook"], null, (SchemaDialect.Strict202012, null)));
        var tool = answer.GetProperty("tools")[0];
        Assert.Equal("object", tool.GetProperty("inputSchema").GetProperty("type").GetString());
        Assert.True(tool.GetProperty("annotations").GetProperty("readOnlyHint").GetBoolean());
        var unknown = answer.GetProperty("unknown")[0];
        Assert.Equal("lib_get_boook", unknown.GetProperty("name").GetString());
        Assert.Equal("lib_get_book", unknown.GetProperty("nearest")[0].GetString());
    }

    [Fact]
    public void TheThreeStayWithinTheirBudgetWhateverTheTags()
    {
        var many = Enumerable.Range(0, 3000)
            .Select(i => SearchTools.Tool($"t{i}", "GET", $"/t{i}", "x", "", $"Überaus lange Gruppe {i % 700}.Teil \"{i}\" <script>", $"second.{i}")).ToArray();
        var toolset = new SearchToolset(many, "a_rather_long_prefix_", new string('ü', 500));
        Assert.InRange(toolset.Definitions.Sum(d => d.Length), 1, SearchToolset.LargestList);
        Assert.Equal([toolset.SearchName, toolset.DescribeName, toolset.CallName], toolset.Definitions.Select(d => Parse(d).GetProperty("name").GetString()));
        Assert.All(toolset.Definitions, d => Assert.DoesNotContain("<script>", d.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public void AreasAreATreeWithCounts()
    {
        IReadOnlyList<string>[] areas = [["users.message"], ["users.message"], ["users.event"], ["files"]];
        Assert.Equal("users (3), files (1); users: users.message, users.event", AreaTree.Describe(areas, 200));
        Assert.Equal("users (3), 1 more", AreaTree.Describe(areas, 12));
        Assert.True(AreaTree.IsIn(areas[0], ["users"]));
        Assert.False(AreaTree.IsIn(areas[0], ["user"]));
    }

    private static JsonElement Parse(ReadOnlyMemory<byte> json) => JsonElement.Parse(json.Span);

    private static IReadOnlyList<string> Names(ReadOnlyMemory<byte> answer, string member) =>
        [.. Parse(answer).GetProperty(member).EnumerateArray().Select(t => t.GetProperty("name").GetString()!)];
}
