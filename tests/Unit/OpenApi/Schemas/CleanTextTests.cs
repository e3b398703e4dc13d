using ToolRuntime.OpenApi.Schemas;

namespace ToolRuntime.Tests.Unit.OpenApi.Schemas;

/// <summary>Text that a model will read.</summary>
public sealed class CleanTextTests
{
    [Theory]
    [InlineData("  plain <b>text</b> ", "plain <b>text</b>")]
    [InlineData("a\u200Bb\u202Ec\uFEFFd\u00ADe", "abcde")]
    [InlineData("a\U000E0049\U000E0067b", "ab")]
    [InlineData("a\u0000\u001b[31mb\u007f", "a[31mb")]
    [InlineData("a\r\n\tb", "a\n b")]
    [InlineData("caf\u00e9 \U0001F600", "caf\u00e9 \U0001F600")]
    [InlineData("a\uD800b", "ab")]
    public void HidesNothing(string text, string clean) => Assert.Equal(clean, CleanText.Of(text, 100));

    [Fact]
    public void IsCutBetweenWords()
    {
        Assert.Equal("one two…", CleanText.Of("one two three", 10));
        Assert.All(Enumerable.Range(0, 20), most => Assert.True(CleanText.Of("words and \U0001F600\U0001F600\U0001F600\U0001F600 more", most).Length <= most));
    }
}
