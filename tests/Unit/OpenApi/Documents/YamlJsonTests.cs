using System.Text;

using ToolRuntime.OpenApi.Documents;

namespace ToolRuntime.Tests.Unit.OpenApi.Documents;

/// <summary>YAML to JSON.</summary>
public sealed class YamlJsonTests
{
    [Theory]
    [InlineData("a: 1", """{"a":1}""")]
    [InlineData("a: 1.0", """{"a":1.0}""")]
    [InlineData("a: +7", """{"a":7}""")]
    [InlineData("a: 007", """{"a":7}""")]
    [InlineData("a: 0x1F", """{"a":31}""")]
    [InlineData("a: 0o17", """{"a":15}""")]
    [InlineData("a: .5", """{"a":0.5}""")]
    [InlineData("a: 1.", """{"a":1}""")]
    [InlineData("a: 1e3", """{"a":1e3}""")]
    [InlineData("a: .inf", """{"a":".inf"}""")]
    [InlineData("a: 1.2.3", """{"a":"1.2.3"}""")]
    [InlineData("a: 2020-01-01", """{"a":"2020-01-01"}""")]
    [InlineData("a: yes", """{"a":"yes"}""")]
    [InlineData("a: 'true'", """{"a":"true"}""")]
    [InlineData("a: True", """{"a":true}""")]
    [InlineData("a: ~", """{"a":null}""")]
    [InlineData("a:", """{"a":null}""")]
    [InlineData("200: x\ntrue: y", """{"200":"x","true":"y"}""")]
    [InlineData("a: !!str 1", """{"a":"1"}""")]
    [InlineData("a: |\n  x\n  y\n", """{"a":"x\ny\n"}""")]
    [InlineData("- &x {a: 1}\n- *x", """[{"a":1},{"a":1}]""")]
    [InlineData("b: &x {a: 1, c: 2}\nd:\n  <<: *x\n  a: 3", """{"b":{"a":1,"c":2},"d":{"a":3,"c":2}}""")]
    [InlineData("b: &x {a: 1}\ne: &y {f: 2, a: 9}\nd:\n  <<: [*x, *y]", """{"b":{"a":1},"e":{"f":2,"a":9},"d":{"a":1,"f":2}}""")]
    public void ScalarsMeanWhatTheCoreSchemaSays(string yaml, string json) => Assert.Equal(json, Convert(yaml));

    [Theory]
    [InlineData("a: 1\nb: 2\na: 3", "3:")]
    [InlineData("a: *nowhere", "1:")]
    [InlineData("? {x: 1}\n: 2", "1:")]
    [InlineData("a: [1", "")]
    [InlineData("a: b: c", "1:")]
    [InlineData("a: &a [*a]", "")]
    [InlineData("<<: 3", "")]
    public void WhatIsWrongIsSaidWithItsPlace(string yaml, string where) =>
        Assert.StartsWith(where, Assert.Throws<ApiDocumentException>(() => Convert(yaml)).Where, StringComparison.Ordinal);

    [Fact]
    public void AliasesOfAliasesAreRefusedBeforeTheyFillMemory()
    {
        var bomb = new StringBuilder("a0: &a0 [x,x,x,x,x,x,x,x,x]\n");
        for (var i = 1; i < 30; i++)
        {
            bomb.Append($"a{i}: &a{i} [{string.Join(',', Enumerable.Repeat($"*a{i - 1}", 9))}]\n");
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("aliases", Assert.Throws<ApiDocumentException>(() => Convert(bomb.ToString())).Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 400_000_000);
    }

    [Fact]
    public void DeepNestingIsRefused()
    {
        Assert.Contains("deep", Assert.Throws<ApiDocumentException>(() => Convert("x: " + new string('[', 100_000))).Message, StringComparison.Ordinal);
    }

    private static string Convert(string yaml) => Encoding.UTF8.GetString(DocumentText.ToJson(Encoding.UTF8.GetBytes(yaml), new ReadOptions()).Span);
}
