using System.Text.Json;

using ToolRuntime.OpenApi.Schemas;
using ToolRuntime.OpenApi.Tools;

namespace ToolRuntime.Tests.Unit.OpenApi.Schemas;

/// <summary>The budget of a schema, and what was cut for it.</summary>
public sealed class SchemaBudgetTests
{
    private const int Budget = 2048;

    [Fact]
    public void EverythingThatIsCutCanBeAskedFor()
    {
        // A tree of objects far beyond the budget, each leaf with a name of its own.
        var tool = Read.Tools(Read.WithProperty(Tree(4, "")), new ToolOptions { SchemaBudget = Budget }).Tools[0];
        var found = new HashSet<string>(StringComparer.Ordinal);
        var pending = new Queue<JsonElement>([tool.Input()]);
        var asked = new HashSet<string>(StringComparer.Ordinal);
        Assert.True(tool.InputSchema.Length <= Budget);
        while (pending.TryDequeue(out var schema))
        {
            foreach (var (name, value) in Walk(schema))
            {
                if (name.StartsWith("leaf", StringComparison.Ordinal))
                {
                    found.Add(name);
                }

                if (name == "x-truncated" && asked.Add(value.GetString()!))
                {
                    var part = tool.Expand(value.GetString()!, SchemaDialect.Strict202012);
                    Assert.NotNull(part);
                    Assert.True(part.Value.Length <= Budget, $"{value}: {part.Value.Length}");
                    pending.Enqueue(JsonElement.Parse(part.Value.Span));
                }
            }
        }

        Assert.NotEmpty(asked);
        Assert.Equal(4 * 4 * 4 * 4, found.Count);
    }

    [Fact]
    public void ManyPropertiesAndValuesAreGivenPageByPage()
    {
        var properties = string.Join(',', Enumerable.Range(0, 300).Select(i => $"\"property_number_{i}\":{{\"type\":\"string\",\"description\":\"the property of the number {i}\"}}"));
        var tool = Read.Tools(Read.WithProperty("{\"type\":\"object\",\"properties\":{" + properties + "}}"), new ToolOptions { SchemaBudget = Budget }).Tools[0];
        Assert.Equal(300, Pages(tool, tool.Input(), "property_number_"));

        var values = string.Join(',', Enumerable.Range(0, 500).Select(i => $"\"value_{i}\""));
        var choosing = Read.Tools(Read.WithProperty("{\"type\":\"string\",\"enum\":[" + values + "]}"), new ToolOptions { SchemaBudget = Budget }).Tools[0];
        var property = choosing.Input().GetProperty("properties").GetProperty("v");
        Assert.False(property.TryGetProperty("enum", out _));
        Assert.Contains("One of 500 values: value_0, ", property.GetProperty("description").GetString(), StringComparison.Ordinal);
        var count = 0;
        for (var pointer = property.GetProperty("x-truncated").GetString(); pointer is not null;)
        {
            var page = JsonElement.Parse(choosing.Expand(pointer, SchemaDialect.Strict202012)!.Value.Span);
            count += page.GetProperty("enum").GetArrayLength();
            pointer = page.TryGetProperty("x-truncated", out var next) ? next.GetString() : null;
        }

        Assert.Equal(500, count);
    }

    [Fact]
    public void PointersThatLeadNowhereGiveNothing()
    {
        var tool = Read.Tools(Read.WithProperty("""{"type":"string"}""")).Tools[0];
        Assert.All(["", "/", "/input/nothing", "/input/$defs/Gone", "/output", "/elsewhere", "input"], p => Assert.Null(tool.Expand(p, SchemaDialect.Strict202012)));
        Assert.NotNull(tool.Expand("/input/properties/v", SchemaDialect.Strict202012));
    }

    private static int Pages(ApiTool tool, JsonElement first, string prefix)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        var pending = new Queue<JsonElement>([first]);
        while (pending.TryDequeue(out var schema))
        {
            foreach (var (name, value) in Walk(schema))
            {
                if (name.StartsWith(prefix, StringComparison.Ordinal))
                {
                    found.Add(name);
                }
                else if (name == "x-truncated")
                {
                    pending.Enqueue(JsonElement.Parse(tool.Expand(value.GetString()!, SchemaDialect.Strict202012)!.Value.Span));
                }
            }
        }

        return found.Count;
    }

    private static string Tree(int depth, string path) => depth == 0
        ? """{"type":"string"}"""
        : "{\"type\":\"object\",\"description\":\"A branch of the tree that is described here in so many words\",\"properties\":{"
            + string.Join(',', Enumerable.Range(0, 4).Select(i => $"\"{(depth == 1 ? "leaf" : "branch")}{path}{i}\":{Tree(depth - 1, $"{path}{i}_")}")) + "}}";

    private static IEnumerable<(string Name, JsonElement Value)> Walk(JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in element.EnumerateObject())
            {
                yield return (member.Name, member.Value);
                foreach (var below in Walk(member.Value))
                {
                    yield return below;
                }
            }
        }
        else if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var below in element.EnumerateArray().SelectMany(Walk))
            {
                yield return below;
            }
        }
    }
}
