using ToolRuntime.OpenApi.Names;
using ToolRuntime.OpenApi.Tools;

namespace ToolRuntime.Tests.Unit.OpenApi.Names;

/// <summary>Names that never move.</summary>
public sealed class ToolNamerTests
{
    [Fact]
    public void NamesAreLegalUniqueAndCountThePrefix()
    {
        var tools = Read.Tools(Document([("/a", "users/list-all"), ("/b", "x".PadRight(90, 'y')), ("/c", "x".PadRight(91, 'y')), ("/d/{id}", ""), ("/e", "Same"), ("/f", "same"), ("/g", "日本")]), new ToolOptions { Prefix = "shop_" });
        var names = tools.Tools.Select(t => t.Name).ToList();
        Assert.Equal("shop_users_list-all", names[0]);
        Assert.Equal("shop_get_d_id", names[3]);
        Assert.All(names, n => Assert.Matches("^shop_[A-Za-z0-9_-]{1,59}$", n));
        Assert.Equal(names.Count, names.Distinct(StringComparer.OrdinalIgnoreCase).Count());
        Assert.Matches("^shop_Same_[0-9a-f]{8}$", names[4]);
    }

    [Fact]
    public void WhatASourceHasBesideItsOperationsKeepsItsName()
    {
        var names = Read.Tools(Document([("/a", "read_more"), ("/b", "call_tool"), ("/c", "read")]), new ToolOptions { Prefix = "shop_" }).Tools.Select(t => t.Name).ToList();
        Assert.Matches("^shop_read_more_[0-9a-f]{8}$", names[0]);
        Assert.Matches("^shop_call_tool_[0-9a-f]{8}$", names[1]);
        Assert.Equal("shop_read", names[2]);
    }

    [Fact]
    public void OrderDoesNotMatter()
    {
        (string, string)[] operations = [("/a", "x"), ("/b", "x"), ("/c", "y"), ("/d", "Y")];
        var forth = Read.Tools(Document(operations)).Tools.ToDictionary(t => t.Operation.Key, t => t.Name);
        var back = Read.Tools(Document([.. operations.Reverse()])).Tools.ToDictionary(t => t.Operation.Key, t => t.Name);
        Assert.Equal(forth.OrderBy(n => n.Key), back.OrderBy(n => n.Key));
    }

    [Fact]
    public void ALockKeepsNamesWhateverComesAndReservesWhatGoes()
    {
        var first = ApiToolset.Build(Read.Model(Document([("/a", "x"), ("/b", "y")])), new ToolOptions(), null);
        var kept = NameLock.Parse(first.Lock.ToJson());
        var second = ApiToolset.Build(Read.Model(Document([("/c", "y"), ("/d", "x"), ("/a", "renamed")])), new ToolOptions(), kept);
        var names = second.Tools.ToDictionary(t => t.Operation.Path, t => t.Name);
        Assert.Equal("x", names["/a"]);
        Assert.Matches("^y_[0-9a-f]{8}$", names["/c"]);
        Assert.Matches("^x_[0-9a-f]{8}$", names["/d"]);
        Assert.Equal("y", second.Lock.Names["GET /b"]);
        Assert.Equal("q_renamed", ApiToolset.Build(Read.Model(Document([("/a", "renamed")])), new ToolOptions { Prefix = "q_" }, kept).Tools[0].Name);
    }

    [Fact]
    public void FiltersRenameNothing()
    {
        var document = Document([("/a", "x"), ("/b", "x")]);
        var all = Read.Tools(document).Tools[0].Name;
        Assert.Equal(all, Assert.Single(Read.Tools(document, new ToolOptions { Operations = ["GET /a"] }).Tools).Name);
    }

    [Theory]
    [InlineData("""{"version":2,"prefix":"","names":{}}""")]
    [InlineData("""{"version":1,"prefix":"","names":{"a":""}}""")]
    [InlineData("nonsense")]
    public void DamagedLocksAreRefused(string json) => Assert.Throws<FormatException>(() => NameLock.Parse(System.Text.Encoding.UTF8.GetBytes(json)));

    private static string Document((string Path, string Id)[] operations) =>
        "{\"openapi\":\"3.0.0\",\"paths\":{" + string.Join(',', operations.Select(o => $"\"{o.Path}\":{{\"get\":{{\"operationId\":\"{o.Id}\"}}}}")) + "}}";
}
