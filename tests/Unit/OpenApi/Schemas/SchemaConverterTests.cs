using System.Text.Json;

namespace ToolRuntime.Tests.Unit.OpenApi.Schemas;

/// <summary>Schemas of every version and quality as JSON Schema 2020-12.</summary>
public sealed class SchemaConverterTests
{
    [Theory]
    [InlineData("""{"type":"string","nullable":true}""", """{"type":["string","null"]}""")]
    [InlineData("""{"type":"string","nullable":true,"enum":["a"]}""", """{"type":["string","null"],"enum":["a",null]}""")]
    [InlineData("""{"type":"integer","minimum":1,"exclusiveMinimum":true,"maximum":9,"exclusiveMaximum":false}""", """{"type":"integer","exclusiveMinimum":1,"maximum":9}""")]
    [InlineData("""{"type":"file"}""", """{"type":"string","contentEncoding":"base64","description":"Bytes: base64 text, or the URI of a resource."}""")]
    [InlineData("""{"type":"string","format":"byte"}""", """{"type":"string","contentEncoding":"base64"}""")]
    [InlineData("""{"type":"string","enum":["a","a","b"]}""", """{"type":"string","enum":["a","b"]}""")]
    [InlineData("""{"type":"string","enum":[1,true]}""", """{"type":"string","enum":["1","true"]}""")]
    [InlineData("""{"type":"integer","enum":["1","x"]}""", """{"type":"integer","enum":[1]}""")]
    [InlineData("""{"type":"string","example":"x","xml":{"name":"y"},"x-y":1,"externalDocs":{}}""", """{"type":"string","examples":["x"]}""")]
    [InlineData("""{"type":"string","minLength":-1,"maxLength":"7","pattern":"(a+)+","format":5}""", """{"type":"string","maxLength":7}""")]
    [InlineData("""{"type":"datetime"}""", """{"type":"string"}""")]
    [InlineData("""{"type":"any"}""", "{}")]
    [InlineData("""{"properties":{"a":{"type":"string"}},"required":true}""", """{"type":"object","properties":{"a":{"type":"string"}}}""")]
    [InlineData("""{"type":"object","required":["a","a",1],"properties":{"a":{}}}""", """{"type":"object","properties":{"a":{}},"required":["a"]}""")]
    [InlineData("""{"type":"object","properties":{"r":{"type":"string","readOnly":true},"w":{"type":"string","writeOnly":true}},"required":["r","w"]}""", """{"type":"object","properties":{"w":{"type":"string"}},"required":["w"]}""")]
    [InlineData("""{"type":"string","uniqueItems":true,"minimum":3}""", """{"type":"string"}""")]
    [InlineData("""{"title":"The name","type":"string"}""", """{"type":"string","description":"The name"}""")]
    [InlineData("""{"oneOf":[{"type":"string"},{"type":"integer"},{"type":"string"}],"discriminator":"x"}""", """{"anyOf":[{"type":"string"},{"type":"integer"}]}""")]
    [InlineData("""{"allOf":[{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]},{"properties":{"b":{"type":"integer"}},"required":["b","a"]}],"description":"d"}""",
        """{"type":"object","description":"d","properties":{"a":{"type":"string"},"b":{"type":"integer"}},"required":["a","b"]}""")]
    [InlineData("""{"allOf":[{"type":"string","minLength":2},{"maxLength":5,"minLength":3}]}""", """{"type":"string","minLength":3,"maxLength":5}""")]
    [InlineData("""{"allOf":[{"type":"string"},{"type":"integer"}]}""", """{"type":"string","allOf":[{"type":"integer"}]}""")]
    [InlineData("""{"type":"array","items":[{"type":"string"},{"type":"integer"}]}""", """{"type":"array","prefixItems":[{"type":"string"},{"type":"integer"}]}""")]
    public void ConvertsInline(string schema, string expected) => Assert.Equal(JsonElement.Parse(expected).Text(), Read.Property(schema).Text());

    [Theory]
    [InlineData("""true""", "{}")]
    [InlineData("""{"type":["string","null"],"contentMediaType":"image/png"}""", """{"type":["string","null"],"contentEncoding":"base64","contentMediaType":"image/png","description":"Bytes: base64 text, or the URI of a resource."}""")]
    [InlineData("""{"const":5}""", """{"const":5}""")]
    [InlineData("""{"type":"integer","exclusiveMinimum":3}""", """{"type":"integer","exclusiveMinimum":3}""")]
    public void ConvertsInline31(string schema, string expected) => Assert.Equal(JsonElement.Parse(expected).Text(), Read.Property(schema, version: "3.1.0").Text());

    [Fact]
    public void RecursionStaysAndOnlyWhatIsReachedIsDefined()
    {
        const string components = """
            {"Node":{"type":"object","description":"A node of the tree that this is about","properties":{"next":{"$ref":"#/components/schemas/Node"},"kind":{"$ref":"#/components/schemas/Kind"}}},
             "Kind":{"type":"string","enum":["a","b"]},"Other":{"type":"object"}}
            """;
        var input = Read.Tools(Read.WithProperty("""{"$ref":"#/components/schemas/Node","nullable":true}""", components)).Tools[0].Input();
        Assert.Equal("""{"anyOf":[{"$ref":"#/$defs/Node"},{"type":"null"}]}""", input.GetProperty("properties").GetProperty("v").Text());
        var definitions = input.GetProperty("$defs");
        Assert.Equal("Node", Assert.Single(definitions.EnumerateObject()).Name);
        Assert.Equal("""{"$ref":"#/$defs/Node"}""", definitions.GetProperty("Node").GetProperty("properties").GetProperty("next").Text());
        Assert.Equal("""{"type":"string","enum":["a","b"]}""", definitions.GetProperty("Node").GetProperty("properties").GetProperty("kind").Text());
    }

    [Fact]
    public void CirclesOfAllOfEnd()
    {
        const string components = """{"A":{"allOf":[{"$ref":"#/components/schemas/B"},{"properties":{"a":{"type":"string"}}}]},"B":{"allOf":[{"$ref":"#/components/schemas/A"}]},"C":{"$ref":"#/components/schemas/C"}}""";
        Assert.NotEqual(JsonValueKind.Undefined, Read.Property("""{"$ref":"#/components/schemas/A"}""", components).ValueKind);
        Assert.NotEqual(JsonValueKind.Undefined, Read.Property("""{"$ref":"#/components/schemas/C"}""", components).ValueKind);
    }

    [Fact]
    public void DiscriminatorsPinTheirAlternatives()
    {
        const string components = """
            {"Dog":{"type":"object","description":"A dog, which is a kind of pet that barks at people","properties":{"kind":{"type":"string"},"bark":{"type":"string"},"length":{"type":"integer"}}},
             "Cat":{"type":"object","description":"A cat, which is a kind of pet that looks at people","properties":{"kind":{"type":"string"},"meow":{"type":"string"},"length":{"type":"integer"}}}}
            """;
        var property = Read.Property("""{"oneOf":[{"$ref":"#/components/schemas/Dog"},{"$ref":"#/components/schemas/Cat"}],"discriminator":{"propertyName":"kind","mapping":{"dog":"#/components/schemas/Dog","cat":"Cat"}}}""", components);
        Assert.Equal("""{"$ref":"#/$defs/Dog","properties":{"kind":{"const":"dog"}},"required":["kind"]}""", property.GetProperty("anyOf")[0].Text());
        Assert.Equal("cat", property.GetProperty("anyOf")[1].GetProperty("properties").GetProperty("kind").GetProperty("const").GetString());
    }

    [Fact]
    public void DanglingReferencesAllowAnythingAndAreNoted()
    {
        var tools = Read.Tools(Read.WithProperty("""{"$ref":"#/components/schemas/Gone"}"""));
        Assert.Equal("{}", tools.Tools[0].Input().GetProperty("properties").GetProperty("v").Text());
        Assert.Contains(tools.Ledger().Warnings, w => w.Code == "reference_not_found");
    }

    [Fact]
    public void OutputsAreOpenAndHideWhatIsWrittenOnly()
    {
        var output = Read.Tools("""
            {"openapi":"3.0.0","paths":{"/a":{"get":{"responses":{"default":{"content":{"application/json":{"schema":{"type":"boolean"}}}},"201":{"content":{"application/json":{"schema":{
              "type":"object","additionalProperties":false,"properties":{"r":{"type":"string","readOnly":true},"w":{"type":"string","writeOnly":true}},"required":["r","w"]}}}}}}}}}
            """).Tools[0].Output();
        Assert.Equal("""{"type":"object","properties":{"r":{"type":"string"}},"required":["r"]}""", output.Text());
    }
}
