using System.Text;
using System.Text.Json;

using ToolRuntime.Functions;
using ToolRuntime.Gateway.Catalog;
using ToolRuntime.Gateway.Mcp.Wire;
using ToolRuntime.Gateway.Payloads;

namespace ToolRuntime.Tests.Unit.Gateway;

/// <summary>What clients that validate find beside the text of a result.</summary>
public sealed class StructuredContentTests
{
    private const string Object = """{"type":"object","required":["a"],"properties":{"a":{"$ref":"#/$defs/A"}},"$defs":{"A":{"type":"integer"}}}""";
    private const string Array = """{"type":"array","items":{"type":"integer"}}""";

    [Fact]
    public void AdviceOnAnObjectIsOneOnAnObjectAndNotWrapped()
    {
        var advice = OutputSchemas.Advisory(Encoding.UTF8.GetBytes(Object));

        Assert.Equal("""{"type":"object","$defs":{"A":{"type":"integer"}},"anyOf":[{"type":"object","required":["a"],"properties":{"a":{"$ref":"#/$defs/A"}}},{}]}""", advice.GetRawText());
        Assert.False(OutputSchemas.Wrap(advice).Wraps);
        Assert.True(OutputSchemas.Wrap(OutputSchemas.Advisory(Encoding.UTF8.GetBytes(Array))).Wraps);
    }

    [Theory]
    [InlineData(Object, "2025-06-18", """{"value":{"a":1}}""", """{"a":1}""")]
    [InlineData(Object, "2026-07-28", """{"value":{"a":1}}""", """{"a":1}""")]
    [InlineData(Object, "2025-06-18", """{"value":[1]}""", """{"result":[1]}""")]
    [InlineData(Object, "2026-07-28", """{"value":[1]}""", """{"result":[1]}""")]
    [InlineData(Object, "2025-06-18", """{"content":[{"type":"text","text":"HTTP 204"}]}""", "{}")]
    [InlineData(Object, "2026-07-28", """{"content":[{"type":"text","text":"HTTP 204"}]}""", "{}")]
    [InlineData(Array, "2025-06-18", """{"value":[1]}""", """{"result":[1]}""")]
    [InlineData(Array, "2026-07-28", """{"value":[1]}""", "[1]")]
    [InlineData(Array, "2025-06-18", """{"content":[{"type":"text","text":"cut"}]}""", """{"result":null}""")]
    [InlineData(Array, "2026-07-28", """{"content":[{"type":"text","text":"cut"}]}""", "null")]
    [InlineData(Array, "2025-03-26", """{"value":[1]}""", null)]
    [InlineData(Object, "2025-06-18", """{"content":[],"isError":true}""", null)]
    [InlineData(null, "2025-06-18", """{"value":{"a":1}}""", null)]
    public void TheResultHasWhatTheListPromises(string? schema, string revision, string data, string? expected)
    {
        using var buffer = new ReplyBuffer();
        CallResult.WriteCompleted(buffer, Encoding.UTF8.GetBytes(data), Route(schema), revision == "2026-07-28" ? ProtocolRevision.Modern : ProtocolRevision.Negotiate(revision));

        var result = JsonElement.Parse(buffer.Written.Span);
        Assert.Equal(expected, result.TryGetProperty("structuredContent", out var content) ? content.GetRawText() : null);
    }

    private static ToolRoute Route(string? schema) => new(
        new FunctionVersion
        {
            Digest = "d",
            Tenant = "local",
            Manifest = new FunctionManifest { Name = "f", Language = FunctionLanguage.Mcp },
            Tools = [],
            Layers = [],
            CreatedAt = default,
        },
        new ToolDefinition { Name = "t", InputSchema = JsonElement.Parse("{}"), OutputSchema = schema is null ? null : OutputSchemas.Advisory(Encoding.UTF8.GetBytes(schema)) });
}
