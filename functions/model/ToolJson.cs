using System.Text.Json;

namespace ToolRuntime.Functions;

/// <summary>A tool from what an MCP server lists; nothing that it says is lost.</summary>
public static class ToolJson
{
    private static readonly HashSet<string> s_known = ["name", "title", "description", "inputSchema", "outputSchema", "annotations", "_meta"];

    /// <summary>The tool, or null where it has no name or no object schema of its arguments.</summary>
    public static ToolDefinition? Read(JsonElement tool)
    {
        if (Text(tool, "name") is not { } name || Element(tool, "inputSchema") is not { } input)
        {
            return null;
        }

        return new ToolDefinition
        {
            Name = name,
            Title = Text(tool, "title"),
            Description = Text(tool, "description") ?? "",
            InputSchema = input,
            OutputSchema = Element(tool, "outputSchema"),
            Annotations = Element(tool, "annotations"),
            Meta = Element(tool, "_meta"),
            Others = Others(tool),
        };
    }

    private static SortedDictionary<string, JsonElement>? Others(JsonElement tool)
    {
        SortedDictionary<string, JsonElement>? others = null;
        foreach (var member in tool.EnumerateObject())
        {
            if (!s_known.Contains(member.Name))
            {
                (others ??= new(StringComparer.Ordinal))[member.Name] = member.Value.Clone();
            }
        }

        return others;
    }

    private static string? Text(JsonElement tool, string name) =>
        tool.ValueKind == JsonValueKind.Object && tool.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static JsonElement? Element(JsonElement tool, string name) =>
        tool.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Object ? value.Clone() : null;
}
