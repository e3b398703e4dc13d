using System.Text.Json;

using ToolRuntime.OpenApi.Schemas;
using ToolRuntime.OpenApi.Tools;

namespace ToolRuntime.Tests.Unit.OpenApi.Schemas;

/// <summary>Each dialect against its own rules, on schemas that have everything.</summary>
public sealed class DialectTests
{
    private static readonly string[] s_schemas =
    [
        """{"type":"string","nullable":true,"enum":["a","b"],"minLength":1}""",
        """{"type":"object"}""",
        """{"type":"object","additionalProperties":{"type":"string"}}""",
        """{"type":"array"}""",
        """{"type":"array","items":{"type":"object","properties":{"a":{"type":"integer","enum":[1,2]},"b":{"nullable":true,"type":"number","exclusiveMinimum":true,"minimum":0}},"required":["a"]}}""",
        """{"oneOf":[{"type":"string"},{"type":"array","items":{}},{"$ref":"#/components/schemas/Node"}]}""",
        """{"allOf":[{"$ref":"#/components/schemas/Node"},{"type":"string"}]}""",
        """{"$ref":"#/components/schemas/Node","nullable":true}""",
        """{"not":{"type":"string"},"description":"all but text"}""",
        """{}""",
        """{"type":"string","format":"uuid","pattern":"^a+$","default":"a","example":"aa"}""",
        """{"type":"object","properties":{"x":{"$ref":"#/components/schemas/Node"},"y":{"type":"string","format":"binary"}},"patternProperties":{"^z":{"type":"string"}}}""",
    ];

    private const string Components = """{"Node":{"type":"object","description":"A node of a tree, which has more nodes below it, and so on","properties":{"next":{"$ref":"#/components/schemas/Node"},"name":{"type":"string","description":"What it is called"},"free":{"type":"object"}},"required":["name"]}}""";

    public static TheoryData<string> Schemas => [.. s_schemas];

    [Theory]
    [MemberData(nameof(Schemas))]
    public void EachDialectKeepsItsRules(string schema)
    {
        var tool = Tool(schema);
        Assert.Empty(NoDefsRules.Broken(tool.InputIn(SchemaDialect.NoDefs)));
        Assert.Empty(OpenAiRules.Broken(tool.InputIn(SchemaDialect.OpenAiStrict)));
        Assert.Empty(GeminiRules.Broken(tool.InputIn(SchemaDialect.Gemini)));
    }

    [Fact]
    public void TheBudgetHoldsInEachDialect()
    {
        var properties = string.Join(',', Enumerable.Range(0, 60).Select(i => $"\"p{i}\":{s_schemas[i % s_schemas.Length]}"));
        var tool = Tool("{\"type\":\"object\",\"properties\":{" + properties + "}}");
        Assert.All(SchemaDialect.All, d => Assert.InRange(tool.InputSchemaIn(d).Length, 100, ToolOptions.DefaultBudget));
        Assert.Empty(OpenAiRules.Broken(tool.InputIn(SchemaDialect.OpenAiStrict)));
        Assert.Empty(GeminiRules.Broken(tool.InputIn(SchemaDialect.Gemini)));
    }

    [Fact]
    public void OptionalBecomesNullForOpenAi()
    {
        var schema = Tool("""{"type":"string"}""").InputIn(SchemaDialect.OpenAiStrict);
        Assert.Equal("""{"type":["string","null"]}""", schema.GetProperty("properties").GetProperty("v").Text());
        Assert.Equal(["v"], schema.GetProperty("required").EnumerateArray().Select(n => n.GetString()));
    }

    [Fact]
    public void DialectsHaveNames()
    {
        Assert.Same(SchemaDialect.Gemini, SchemaDialect.Named("GEMINI"));
        Assert.Null(SchemaDialect.Named("other"));
    }

    private static ApiTool Tool(string schema) => Read.Tools(Read.WithProperty(schema, Components)).Tools[0];
}
