using System.Text;
using System.Text.Json;

using ToolRuntime.OpenApi.Documents;
using ToolRuntime.OpenApi.Tools;

namespace ToolRuntime.Tests.Unit.OpenApi.Documents;

/// <summary>Schemas nested to any depth: each is cut to its budget, or the document is refused; nothing overflows.</summary>
public sealed class DeepNestingTests
{
    private const string Swagger = """{"swagger":"2.0","info":{"title":"t","version":"1"},"paths":{"/p":{"post":{"consumes":["application/x-www-form-urlencoded"],"parameters":[{"name":"f","in":"formData","type":"array","items":PART}],"responses":{"200":{"description":"d","schema":PART}}}}}}""";
    private const string OpenApi = """{"openapi":"3.1.0","info":{"title":"t","version":"1"},"paths":{"/p":{"post":{"parameters":[{"name":"q","in":"query","style":"deepObject","schema":PART}],"requestBody":{"content":{"application/x-www-form-urlencoded":{"schema":{"type":"object","properties":{"f":PART}}}}},"responses":{"200":{"description":"d","content":{"application/json":{"schema":PART}}}}}}}}""";

    public static TheoryData<string, string, string, int> Cases => new(
        from document in new[] { Swagger, OpenApi }
        from part in new[] { ("""{"type":"array","items":""", "}"), ("""{"type":"object","properties":{"p":""", "}}"), ("""{"allOf":[""", "]}"), ("""{"anyOf":[""", """,{"type":"null"}]}"""), ("""{"additionalProperties":""", "}") }
        from depth in new[] { 5, 20, 40, 70, 200, 3_000 }
        select new TheoryDataRow<string, string, string, int>(document, part.Item1, part.Item2, depth));

    [Theory]
    [MemberData(nameof(Cases))]
    public void NothingOverflows(string document, string opens, string closes, int depth)
    {
        var part = string.Concat(Enumerable.Repeat(opens, depth)) + """{"type":"string"}""" + string.Concat(Enumerable.Repeat(closes, depth));
        try
        {
            var tools = ApiToolset.Build(ApiDocument.Read(Encoding.UTF8.GetBytes(document.Replace("PART", part, StringComparison.Ordinal))), new ToolOptions(), null);
            Assert.Equal(1, tools.Ledger().Operations);
            Assert.All(tools.Tools, t => Assert.InRange(t.InputSchema.Length, 2, ToolOptions.DefaultBudget));
            Assert.All(tools.Tools, t => Assert.Equal(JsonValueKind.Object, JsonElement.Parse(t.InputSchema.Span).ValueKind));
            Assert.All(tools.Tools.Where(t => t.OutputSchema is not null), t => Assert.Equal(JsonValueKind.Object, JsonElement.Parse(t.OutputSchema!.Value.Span).ValueKind));
        }
        catch (ApiDocumentException refused)
        {
            Assert.True(depth > 20, refused.Message);
        }
    }
}
