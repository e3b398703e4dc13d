using System.Text;
using System.Text.Json;

using ToolRuntime.OpenApi.Schemas;

namespace ToolRuntime.Tests.Unit.OpenApi.Schemas;

/// <summary>What a client of the structured mode sends, as the API is to get it.</summary>
public sealed class OpenAiArgumentsTests
{
    private const string Schema = """
        {"type":"object","required":["id"],"properties":{
          "id":{"type":"integer"},"note":{"type":"string"},"gone":{"type":["string","null"]},"either":{"anyOf":[{"type":"string"},{"type":"null"}]},
          "free":{"type":"object"},"any":{},"tags":{"type":"array"},"kind":{"enum":["a",null]},
          "list":{"type":"array","items":{"$ref":"#/$defs/part"}},"made":{"allOf":[{"$ref":"#/$defs/part"}]}},
         "$defs":{"part":{"type":"object","properties":{"name":{"type":"string"},"next":{"$ref":"#/$defs/part"}}}}}
        """;

    [Theory]
    [InlineData("""{"id":1,"note":null}""", """{"id":1}""")]
    [InlineData("""{"id":null}""", "{}")]
    [InlineData("""{"id":1,"gone":null,"either":null,"kind":null}""", """{"id":1,"gone":null,"either":null,"kind":null}""")]
    [InlineData("""{"id":1,"list":[{"name":null,"next":{"name":"x","next":null}}]}""", """{"id":1,"list":[{"next":{"name":"x"}}]}""")]
    [InlineData("""{"id":1,"made":{"name":null,"next":null}}""", """{"id":1,"made":{}}""")]
    [InlineData("""{"id":1,"free":"{\"a\":[1,null]}","any":"7","tags":"[\"x\"]"}""", """{"id":1,"free":{"a":[1,null]},"any":7,"tags":["x"]}""")]
    [InlineData("""{"id":1,"any":"plain words","note":"{\"a\":1}"}""", """{"id":1,"any":"plain words","note":"{\"a\":1}"}""")]
    [InlineData("""{"id":1,"unknown":null}""", """{"id":1,"unknown":null}""")]
    public void NullsThatMeanNothingAreLeftOutAndTextIsJsonAgain(string sent, string wanted)
    {
        var restored = OpenAiArguments.Restore(Encoding.UTF8.GetBytes(Schema), JsonElement.Parse(sent));

        Assert.True(JsonElement.DeepEquals(JsonElement.Parse(wanted), JsonElement.Parse(restored.Span)), Encoding.UTF8.GetString(restored.Span));
    }
}
