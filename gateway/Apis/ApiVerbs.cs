using System.Text.Json;

using ToolRuntime.Functions;
using ToolRuntime.OpenApi.Search.Toolset;

namespace ToolRuntime.Gateway.Apis;

/// <summary>Definitions of an API's tools that are no operations.</summary>
internal static class ApiVerbs
{
    private static readonly JsonElement s_readOnly = JsonElement.Parse("""{"readOnlyHint":true,"openWorldHint":false}"""u8);

    /// <summary>What lists show of a large source beside nothing else: search, describe, call, and reading on.</summary>
    public static IReadOnlyList<(ApiVerb Verb, ToolDefinition Tool)> OfLarge(SearchToolset toolset) =>
    [
        (ApiVerb.Search, Read(toolset.Definitions[0])),
        (ApiVerb.Describe, Read(toolset.Definitions[1])),
        (ApiVerb.Call, Read(toolset.Definitions[2])),
        .. OfSmall(toolset.Prefix),
    ];

    /// <summary>What lists show of a small source beside its operations: reading on.</summary>
    public static IReadOnlyList<(ApiVerb Verb, ToolDefinition Tool)> OfSmall(string prefix) =>
    [
        (ApiVerb.Continue, new ToolDefinition
        {
            Name = prefix + "read_more",
            Description = "Reads on in a result that was cut: give the handle that the result names.",
            InputSchema = JsonElement.Parse("""{"type":"object","properties":{"handle":{"type":"string"},"offset":{"type":"integer","minimum":0,"description":"Byte to read on from"}},"required":["handle"]}"""u8),
            Annotations = s_readOnly,
        }),
    ];

    private static ToolDefinition Read(ReadOnlyMemory<byte> tool)
    {
        var element = JsonElement.Parse(tool.Span);
        return new ToolDefinition
        {
            Name = element.GetProperty("name").GetString()!,
            Description = element.GetProperty("description").GetString()!,
            InputSchema = element.GetProperty("inputSchema"),
            Annotations = element.TryGetProperty("annotations", out var annotations) ? annotations : null,
        };
    }
}
