using System.Text.Json;

namespace ToolRuntime.Functions;

/// <summary>What an MCP server said of itself when its tools were listed, so that lists are answered without waking it. Raw, as it came.</summary>
public sealed record ServerSnapshot
{
    /// <summary>Most bytes of one list that are kept; a longer one is asked for when it is wanted.</summary>
    public const int MaximumListBytes = 128 * 1024;

    /// <summary>Revision of the protocol that it agreed to.</summary>
    public required string Revision { get; init; }

    /// <summary>How it is reached, for a remote one.</summary>
    public RemoteTransport Transport { get; init; }

    /// <summary>Its capabilities.</summary>
    public JsonElement Capabilities { get; init; }

    /// <summary>Its prompts, or null where they are not known.</summary>
    public IReadOnlyList<JsonElement>? Prompts { get; init; }

    /// <summary>Its resources, or null where they are not known.</summary>
    public IReadOnlyList<JsonElement>? Resources { get; init; }

    /// <summary>Its resource templates, or null where they are not known.</summary>
    public IReadOnlyList<JsonElement>? Templates { get; init; }
}
