using System.Text.Json;

using ToolRuntime.Gateway.Schemas;

namespace ToolRuntime.Tests.Unit.Gateway;

public sealed class JsonSchemaTests
{
    [Theory]
    [InlineData("""{"type":"object","properties":{"a":{"type":"number"}},"required":["a"]}""", """{"a":"x"}""", "/a: must be number, not string")]
    [InlineData("""{"type":"object","required":["a"]}""", "{}", "(root): needs the property 'a'")]
    [InlineData("""{"additionalProperties":false}""", """{"b":1}""", "(root): has the unknown property 'b'")]
    [InlineData("""{"items":{"minimum":3}}""", "[3,2]", "/1: must be at least 3")]
    [InlineData("""{"enum":["x","y"]}""", "\"z\"", "(root): must be one of \"x\", \"y\"")]
    [InlineData("""{"properties":{"a/b~c":{"const":1}}}""", """{"a/b~c":2}""", "/a~1b~0c: must be 1")]
    [InlineData("""{"anyOf":[{"type":"null"},{"type":"object","properties":{"n":{"type":"integer"}}}]}""", """{"n":1.5}""", "(root): fits none of the 2 alternatives; the closest: /n: must be integer, not number")]
    public void AnErrorNamesThePathAndWhatIsExpected(string schema, string value, string expected) =>
        Assert.Equal(expected, Assert.Single(Validate(schema, value)).ToString());

    [Theory]
    [InlineData("""{"type":"integer"}""", "1.0")]
    [InlineData("""{"const":1}""", "1.0")]
    [InlineData("""{"multipleOf":0.01}""", "19.99")]
    [InlineData("""{"maxLength":1}""", "\"\\ud83d\\ude00\"")]
    [InlineData("""{"pattern":"^\\d$"}""", "\"1\"")]
    [InlineData("""{"$ref":"#node","$defs":{"n":{"$anchor":"node","type":"object","properties":{"next":{"$ref":"#node"}}}}}""", """{"next":{"next":{}}}""")]
    [InlineData("""{"$id":"https://x.test/a","$ref":"b","$defs":{"b":{"$id":"b","type":"number"}}}""", "1")]
    [InlineData("""{"allOf":[{"properties":{"a":true}}],"unevaluatedProperties":false}""", """{"a":1}""")]
    public void WhatFitsFits(string schema, string value) => Assert.Empty(Validate(schema, value));

    [Theory]
    [InlineData("""{"if":false,"then":{"prefixItems":[true]},"unevaluatedItems":false}""", "[1]")]
    [InlineData("""{"anyOf":[true,{"type":"number","prefixItems":[true]}],"unevaluatedItems":{"type":"boolean"}}""", "[1]")]
    [InlineData("""{"prefixItems":[true],"contains":true,"minContains":2}""", "[]")]
    [InlineData("""{"contains":{"const":1},"unevaluatedItems":false}""", "[1,2]")]
    public void OnlyWhatAppliedCountsAsEvaluated(string schema, string value) => Assert.NotEmpty(Validate(schema, value));

    [Theory]
    [InlineData("""{"pattern":"^\\d$"}""", "\"\u0661\"")]
    [InlineData("""{"pattern":"a$"}""", "\"a\\n\"")]
    public void PatternsMeanWhatEcmaScriptMeans(string schema, string value) => Assert.NotEmpty(Validate(schema, value));

    [Theory]
    [InlineData("""{"properties":{"a":{"type":"text"}}}""", "/properties/a/type")]
    [InlineData("""{"pattern":"("}""", "/pattern")]
    [InlineData("""{"items":{"$ref":"https://elsewhere.test/schema"}}""", "/items")]
    [InlineData("""{"allOf":[1]}""", "/allOf/0")]
    public void AWrongSchemaIsRefusedWithItsPlace(string schema, string pointer) =>
        Assert.Equal(pointer, Assert.Throws<SchemaException>(() => JsonSchema.Compile(Parse(schema))).Pointer);

    [Fact]
    public void ASchemaThatNeverEndsIsStopped() =>
        Assert.Contains("deeper", Assert.Single(Validate("""{"$ref":"#"}""", "1")).Message, StringComparison.Ordinal);

    [Fact]
    public void WorkThatGrowsWithoutEndIsStopped()
    {
        var alternatives = string.Join(",", Enumerable.Repeat("""{"items":{"$ref":"#"}}""", 8));
        var value = string.Concat(Enumerable.Repeat("[", 40)) + string.Concat(Enumerable.Repeat("]", 40));
        Assert.Contains("steps", Assert.Single(Validate($$"""{"oneOf":[{{alternatives}}]}""", value)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ErrorsAreBounded()
    {
        var errors = Validate("""{"items":{"type":"string"}}""", "[" + string.Join(",", Enumerable.Range(0, 1000)) + "]");
        Assert.Equal(16, errors.Count);
    }

    private static IReadOnlyList<SchemaError> Validate(string schema, string value) => JsonSchema.Compile(Parse(schema)).Validate(Parse(value));

    private static JsonElement Parse(string json) => JsonElement.Parse(json);
}
