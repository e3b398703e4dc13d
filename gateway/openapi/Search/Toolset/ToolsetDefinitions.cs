using System.Text.Json;
using System.Text.Json.Nodes;

namespace ToolRuntime.OpenApi.Search.Toolset;

/// <summary>The three tools as MCP Tool objects.</summary>
internal static class ToolsetDefinitions
{
    /// <summary>Most bytes of the tree of areas in a description.</summary>
    public const int LargestTree = 2400;

    private const int LongestTitle = 80;

    /// <summary>Writes them.</summary>
    public static IReadOnlyList<ReadOnlyMemory<byte>> Write(string prefix, string title, int count, string tree)
    {
        var source = title.Length == 0 ? "this API" : title.Length <= LongestTitle ? title : title[..LongestTitle];
        return
        [
            Tool(
                prefix + "search_tools",
                $"Find tools of {source} ({count} in all) by what they do, best first. Ask in plain words, for example: who may push to this repository. Then describe_tools gives arguments and call_tool calls. Areas (tools): {tree}",
                new JsonObject
                {
                    ["query"] = Text("What you want to do or know."),
                    ["limit"] = new JsonObject { ["type"] = "integer", ["minimum"] = 1, ["maximum"] = SearchToolset.MostHits, ["default"] = SearchToolset.UsualHits },
                    ["tags"] = Texts("Only tools of these areas."),
                },
                "query",
                isReadOnly: true),
            Tool(
                prefix + "describe_tools",
                $"Get description and input schema of tools of {source} by name.",
                new JsonObject { ["names"] = Texts($"Names from search_tools, at most {SearchToolset.MostDescribed}."), ["part"] = Text("What stands under x-truncated in the schema of the one tool named: gives that part.") },
                "names",
                isReadOnly: true),
            Tool(
                prefix + "call_tool",
                $"Call a tool of {source} by name with arguments that fit its input schema.",
                new JsonObject { ["name"] = Text("The tool's name."), ["arguments"] = new JsonObject { ["type"] = "object", ["additionalProperties"] = true } },
                "name",
                isReadOnly: false),
        ];
    }

    private static ReadOnlyMemory<byte> Tool(string name, string description, JsonObject properties, string required, bool isReadOnly)
    {
        var tool = new JsonObject
        {
            ["name"] = name,
            ["description"] = description,
            ["inputSchema"] = new JsonObject { ["type"] = "object", ["properties"] = properties, ["required"] = new JsonArray(required), ["additionalProperties"] = false },
            ["annotations"] = isReadOnly
                ? new JsonObject { ["readOnlyHint"] = true, ["openWorldHint"] = false }
                : new JsonObject { ["readOnlyHint"] = false, ["openWorldHint"] = true },
        };
        return JsonSerializer.SerializeToUtf8Bytes(tool, ToolsetAnswers.Options);
    }

    private static JsonObject Text(string description) => new() { ["type"] = "string", ["description"] = description };

    private static JsonObject Texts(string description) => new()
    {
        ["type"] = "array",
        ["items"] = new JsonObject { ["type"] = "string" },
        ["description"] = description,
    };
}
