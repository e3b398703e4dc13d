using System.Text.Json;

using ToolRuntime.Functions;
using ToolRuntime.OpenApi.Search.Toolset;

namespace ToolRuntime.Gateway.Apis;

/// <summary>Definitions of an API's tools that are no operations.</summary>
internal static class ApiVerbs
{
    private static readonly JsonElement s_readOnly = JsonElement.Parse("""{"readOnlyHint":true,"openWorldHint":false}"""u8);

    /// <summary>What lists show of a large source beside nothing else: search, describe, call, scripts where they can be run, and reading on.</summary>
    public static IReadOnlyList<(ApiVerb Verb, ToolDefinition Tool)> OfLarge(SearchToolset toolset, bool hasScripts) =>
    [
        (ApiVerb.Search, Read(toolset.Definitions[0])),
        (ApiVerb.Describe, Read(toolset.Definitions[1])),
        (ApiVerb.Call, Read(toolset.Definitions[2])),
        .. hasScripts ? [(ApiVerb.Script, Script(toolset.Prefix))] : Array.Empty<(ApiVerb, ToolDefinition)>(),
        .. OfSmall(toolset.Prefix, hasCuts: false),
    ];

    /// <summary>What lists show of a small source beside its operations: reading on, and where schemas were cut, the rest of them.</summary>
    public static IReadOnlyList<(ApiVerb Verb, ToolDefinition Tool)> OfSmall(string prefix, bool hasCuts) =>
    [
        .. hasCuts ? [(ApiVerb.Expand, Expand(prefix))] : Array.Empty<(ApiVerb, ToolDefinition)>(),
        (ApiVerb.Continue, new ToolDefinition
        {
            Name = prefix + "read_more",
            Description = "Reads on in a result that was cut: give the handle that the result names.",
            InputSchema = JsonElement.Parse("""{"type":"object","properties":{"handle":{"type":"string"},"offset":{"type":"integer","minimum":0,"description":"Byte to read on from"}},"required":["handle"]}"""u8),
            Annotations = s_readOnly,
        }),
    ];

    private static ToolDefinition Expand(string prefix) => new()
    {
        Name = prefix + "expand_schema",
        Description = "Gives the part of a tool's schema that was cut for length and marked with x-truncated.",
        InputSchema = JsonElement.Parse("""{"type":"object","properties":{"name":{"type":"string","description":"The tool's name"},"part":{"type":"string","description":"What stands under x-truncated"}},"required":["name","part"]}"""u8),
        Annotations = s_readOnly,
    };

    private static ToolDefinition Script(string prefix) => new()
    {
        Name = prefix + ScriptFunction.Entry,
        Description = "Run a script in a sandbox that calls many tools at once, and get only what it returns: better than many call_tool. "
            + "`api` has every tool as a method, as search_tools and describe_tools name them; write them out, as api.group.method. "
            + "python: api.issues.list_for_repo(owner='x'), the last expression is the result (await nothing). "
            + "javascript: await api.issues.listForRepo({owner: 'x'}), `return` gives the result. What it prints comes back as output.",
        InputSchema = JsonElement.Parse("""{"type":"object","properties":{"language":{"type":"string","enum":["python","javascript"]},"code":{"type":"string","maxLength":262144}},"required":["language","code"],"additionalProperties":false}"""u8),
        OutputSchema = JsonElement.Parse("""{"type":"object","properties":{"result":{},"output":{"type":"string","description":"The last 64 KiB that it printed"}},"required":["result","output"]}"""u8),
        Annotations = JsonElement.Parse("""{"readOnlyHint":false,"openWorldHint":true}"""u8),
    };

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
