using ToolRuntime.OpenApi.Search.Text;

namespace ToolRuntime.Tests.Unit.OpenApi.Search;

/// <summary>Words, and their stems.</summary>
public sealed class TextTests
{
    [Theory]
    [InlineData("repositories", "repositori")]
    [InlineData("repository", "repositori")]
    [InlineData("deployments", "deploy")]
    [InlineData("deploying", "deploy")]
    [InlineData("running", "run")]
    [InlineData("hoping", "hope")]
    [InlineData("policies", "polici")]
    [InlineData("ties", "tie")]
    [InlineData("statuses", "status")]
    [InlineData("status", "status")]
    [InlineData("access", "access")]
    [InlineData("agreed", "agre")]
    [InlineData("rationalization", "ration")]
    [InlineData("generously", "generous")]
    [InlineData("happily", "happili")]
    [InlineData("v1", "v1")]
    [InlineData("übung", "übung")]
    public void StemsAreThoseOfPorter2(string word, string stem) => Assert.Equal(stem, Stemmer.Stem(word));

    [Theory]
    [InlineData("organisation", "organizations")]
    [InlineData("authorise", "authorizing")]
    [InlineData("colour", "colors")]
    [InlineData("cancelled", "cancel")]
    [InlineData("sent", "send")]
    [InlineData("withdrawn", "withdraw")]
    [InlineData("repos", "repository")]
    [InlineData("raise", "raised")]
    public void FormsOfAWordShareAStem(string one, string other) => Assert.Equal(WordForms.StemOf(one), WordForms.StemOf(other));

    [Fact]
    public void WordsThatOnlyLookBritishKeepTheirStem() => Assert.Equal(Stemmer.Stem("enterprise"), WordForms.StemOf("enterprise"));

    [Theory]
    [InlineData("listV1PRFiles", "list v1 pr files")]
    [InlineData("deleteCoreV1NamespacedPod", "delete core v1 namespaced pod")]
    [InlineData("payment_intents", "payment intents")]
    [InlineData("/repos/{owner}/pull-requests", "repos owner pull requests")]
    [InlineData("all APIs of HTTPServer2", "all apis of http server2")]
    [InlineData("<p>Makes a <code>Charge</code>.</p> See https://example.com/charge?x=1 for more", "makes a charge see for more")]
    [InlineData("a < b and c > d", "a b and c d")]
    [InlineData("", "")]
    public void WordsAreCutAtCaseMarksAndMarkup(string text, string words) => Assert.Equal(words, string.Join(' ', Words.Of(text)));

    [Fact]
    public void AWordIsNeverLongerThanItsBound() =>
        Assert.Equal(WordReader.LongestWord, Assert.Single(Words.Of(new string('a', 5000))).Length);
}
