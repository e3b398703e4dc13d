using ToolRuntime.OpenApi.Search;
using ToolRuntime.OpenApi.Search.Meaning;

namespace ToolRuntime.Tests.Unit.OpenApi.Search;

/// <summary>Which tools a question finds.</summary>
public sealed class ToolIndexTests
{
    private static readonly ToolIndex s_library = ToolIndex.Build([.. SearchTools.Library.Select(SearchableTool.From)]);

    [Theory]
    [InlineData("list books", "lib_list_books")]
    [InlineData("delete book", "lib_delete_book")]
    [InlineData("erase a title from the shelf", "lib_delete_book")]
    [InlineData("which people are registered?", "lib_list_users")]
    [InlineData("be called back at a url when something happens", "lib_create_webhook")]
    [InlineData("what do we still have to pay, show the bills", "lib_list_invoices")]
    [InlineData("sign somebody up", "lib_create_user")]
    public void TheToolIsAmongTheFirstThree(string question, string tool) =>
        Assert.Contains(tool, s_library.Search(question, 3, null).Select(h => SearchTools.Library[h.Tool].Name));

    [Fact]
    public void ExactWordsComeFirst() => Assert.Equal("lib_create_loan", SearchTools.Library[s_library.Search("lend a book to a user", 5, null)[0].Tool].Name);

    [Fact]
    public void EmptyingAShelfComesAfterTakingOneBook()
    {
        var tools = new[] { "/shelf/{id}/books", "/shelf/{id}/books/{isbn}" }.Select(p => new SearchableTool(p, "Delete books", "", "DELETE", p, [])).ToArray();
        var index = ToolIndex.Build(tools);
        Assert.Equal(1, index.Search("delete a book", 2, null)[0].Tool);
        Assert.Equal(0, index.Search("delete all books", 2, null)[0].Tool);
    }

    [Fact]
    public void OnlyAllowedToolsAreFound()
    {
        var hits = s_library.Search("book", 12, tool => SearchTools.Library[tool].Operation.Method == "GET");
        Assert.NotEmpty(hits);
        Assert.All(hits, h => Assert.Equal("GET", SearchTools.Library[h.Tool].Operation.Method));
    }

    [Fact]
    public void ScoresFallAndHitsAreDistinctAndLimited()
    {
        var hits = s_library.Search("books of a user", 4, null);
        Assert.Equal(4, hits.Count);
        Assert.Equal(hits.Select(h => h.Score).OrderDescending(), hits.Select(h => h.Score));
        Assert.Equal(hits.Count, hits.Select(h => h.Tool).Distinct().Count());
    }

    [Fact]
    public void TheSameToolsGiveTheSameAnswers()
    {
        var again = ToolIndex.Build([.. SearchTools.Library.Select(SearchableTool.From)]);
        foreach (var question in new[] { "books", "who lends what", "remove the webhook", "zzz" })
        {
            Assert.Equal(s_library.Search(question, 12, null), again.Search(question, 12, null));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("the of and")]
    [InlineData("🙂🙂")]
    [InlineData("\0\u0001")]
    public void QuestionsThatSayNothingHarmNothing(string question) => Assert.True(s_library.Search(question, 5, null).Count <= 5);

    [Fact]
    public void AnEndlessQuestionIsCut() => Assert.NotEmpty(s_library.Search(string.Join(' ', Enumerable.Repeat("book user loan", 100_000)), 5, null));

    [Fact]
    public void AnIndexMayBeEmpty() => Assert.Empty(ToolIndex.Build([]).Search("book", 5, null));

    [Fact]
    public void DeprecatedToolsComeAfterTheirLike()
    {
        var old = new SearchableTool("books", "List books", "", "GET", "/books", []) { IsDeprecated = true };
        var index = ToolIndex.Build([old, old with { IsDeprecated = false }]);
        Assert.Equal([1, 0], index.Search("books", 2, null).Select(h => h.Tool));
    }

    [Fact]
    public void WordsOfLikeMeaningAreNearerThanOthers()
    {
        var table = MeaningTable.Standard;
        Assert.True(table.Count > 10_000);
        Assert.True(Cosine("invoic", "bill") > Cosine("invoic", "folder") + 0.2);

        double Cosine(string left, string right) => table.Of(left).ToArray().Zip(table.Of(right).ToArray(), (l, r) => l * r).Sum() / (127.0 * 127);
    }

    [Fact]
    public void ATableReadsWhatItWrote()
    {
        using var stream = new MemoryStream();
        MeaningTable.Write(stream, [("one", [127, 0]), ("two", [0, -127])]);
        stream.Position = 0;
        var table = MeaningTable.Read(stream);
        Assert.Equal((2, 2), (table.Count, table.Width));
        Assert.Equal([0, -127], table.Of("two").ToArray());
        Assert.True(table.Of("three").IsEmpty);
    }

    [Fact]
    public void ALexiconSaysWhichLineIsWrong() =>
        Assert.Contains("what is this", Assert.Throws<InvalidDataException>(() => Lexicon.Parse("# comment\n~ a, b\nwhat is this")).Message, StringComparison.Ordinal);

    [Fact]
    public void ALexiconKnowsPhrasesSynonymsAndGlosses()
    {
        var lexicon = Lexicon.Parse("delete: drop \"throw away\"\n~ bin, waste basket\nwaste basket: thing for rubbish");
        Assert.Equal(ToolAction.Delete, lexicon.ActionOf("throw away"));
        Assert.Null(lexicon.ActionOf("keep"));
        Assert.Equal(["wast basket"], lexicon.SynonymsOf("bin"));
        Assert.Equal(["rubbish"], lexicon.GlossOf("wast basket"));
        Assert.Equal(["rubbish"], lexicon.GlossOf("wastebasket"));
        Assert.Contains("wast basket", lexicon.HeadsOf("rubbish"));
    }

    [Fact]
    public void SomeWordsStandForOthersOneWayAndSomeGlossesAreForOneAction()
    {
        var lexicon = Lexicon.Parse("> besom: broom\n>> whisk, hand brush: broom\n(delete) broom: worn out");
        Assert.Equal(["broom"], lexicon.EqualsOf("hand brush"));
        Assert.Empty(lexicon.EqualsOf("besom"));
        Assert.Equal(["broom"], lexicon.SynonymsOf("besom"));
        Assert.Empty(lexicon.SynonymsOf("broom"));
        Assert.Empty(lexicon.GlossOf("broom"));
        Assert.Equal(["worn"], lexicon.GlossOf($"{Lexicon.ActionMark(ToolAction.Delete)} broom"));
        Assert.Equal(["broom"], lexicon.HeadsOf("worn"));
    }

    [Fact]
    public void AHeadCountsWhereATitleBeginsWithItAndForItsActionOnly()
    {
        var tools = new[] { ("POST", "Create a team", "/teams"), ("GET", "List teams", "/teams"), ("PUT", "Unsuspend an app installation", "/x/{id}/suspended") }
            .Select(t => new SearchableTool(t.Item2, t.Item2, "", t.Item1, t.Item3, [])).ToArray();
        var index = ToolIndex.Build(tools);
        Assert.Equal(0, index.Search("spin off three", 1, null)[0].Tool);
        Assert.Equal(2, index.Search("thaw", 1, null)[0].Tool);
    }
}
