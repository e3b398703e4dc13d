using System.Text.Json;

namespace ToolRuntime.Functions;

/// <summary>One tool of a function, as its code says it.</summary>
public sealed record ToolDefinition
{
    /// <summary>The tool's name, see <see cref="Names.IsTool"/>.</summary>
    public required string Name { get; init; }

    /// <summary>A title for people, or null.</summary>
    public string? Title { get; init; }

    /// <summary>What the tool does, for the model.</summary>
    public string Description { get; init; } = "";

    /// <summary>JSON Schema 2020-12 of the arguments; always an object schema.</summary>
    public required JsonElement InputSchema { get; init; }

    /// <summary>JSON Schema 2020-12 of the result value, or null where the code does not say.</summary>
    public JsonElement? OutputSchema { get; init; }

    /// <summary>MCP tool annotations as the code gives them, or null.</summary>
    public JsonElement? Annotations { get; init; }

    /// <summary>MCP <c>_meta</c> as the code gives it, or null.</summary>
    public JsonElement? Meta { get; init; }

    /// <summary>Members of an MCP server's tool that are none of these, as it gives them; null where there are none.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Others { get; init; }

    /// <summary>Name by which the worker finds the callable: the export, function or method; of an MCP server the tool's own name, where another is shown.</summary>
    public string Entry { get; init; } = "";

    /// <summary>Whether it yields pieces before its result.</summary>
    public bool Streams { get; init; }
}
