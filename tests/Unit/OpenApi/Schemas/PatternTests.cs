using ToolRuntime.OpenApi.Schemas.Patterns;

namespace ToolRuntime.Tests.Unit.OpenApi.Schemas;

/// <summary>Patterns of documents.</summary>
public sealed class PatternTests
{
    [Theory]
    [InlineData("^[a-z0-9_-]+$", "^[a-z0-9_-]+$")]
    [InlineData(@"^[\w-.]+$", @"^[\w\-.]+$")]
    [InlineData(@"^\d{4}\-\d{2}$", @"^\d{4}-\d{2}$")]
    [InlineData(@"[\-\_\@]", @"[\-_@]")]
    [InlineData("a{b}", @"a\{b\}")]
    [InlineData("/^abc$/", "^abc$")]
    [InlineData("/^abc$/g", "^abc$")]
    [InlineData(@"^(\.[a-z]+)*$", @"^(\.[a-z]+)*$")]
    [InlineData(@"^([a-z]+\.)+[a-z]{2,}$", @"^([a-z]+\.)+[a-z]{2,}$")]
    [InlineData(@"(?<year>\d+)\p{L}", @"(?<year>\d+)\p{L}")]
    [InlineData("^(a|b)*$", "^(a|b)*$")]
    [InlineData("^[^,]+(,[^,]+)*$", "^[^,]+(,[^,]+)*$")]
    public void KeptOrMended(string pattern, string expected) => Assert.Equal(expected, EcmaPatterns.Check(pattern).Pattern);

    [Theory]
    [InlineData("(a+)+$")]
    [InlineData(@"^(\w+\s?)*$")]
    [InlineData("^(a|a)*$")]
    [InlineData(@"^([a-z0-9]+-?)*$")]
    [InlineData("^((a*)b*)*$")]
    [InlineData("[a-")]
    [InlineData("(abc")]
    [InlineData("abc)")]
    [InlineData("*a")]
    [InlineData("a**")]
    [InlineData("[z-a]")]
    [InlineData("a{2,1}")]
    [InlineData(@"\A[a-z]\Z")]
    [InlineData("(?i)abc")]
    [InlineData("/^abc$/i")]
    [InlineData("(?P<n>a)")]
    [InlineData("[[:alpha:]]")]
    [InlineData(@"\p{Alpha}")]
    [InlineData(@"(a)\2")]
    [InlineData(@"\")]
    [InlineData("(?=a)*")]
    public void Dropped(string pattern)
    {
        var (kept, reason) = EcmaPatterns.Check(pattern);
        Assert.Null(kept);
        Assert.NotEmpty(reason);
    }
}
