using System.Text.Json;

using ToolRuntime.OpenApi.Model;

namespace ToolRuntime.OpenApi.Tools;

/// <summary>
/// What a document says to us under <c>x-mcp</c> at an operation, its path or the root; the nearest counts. A boolean (<c>false</c> hides), or an object
/// with <c>enabled</c>, <c>name</c>, <c>title</c>, <c>description</c> and <c>annotations</c>.
/// </summary>
internal sealed record McpExtension
{
    private static readonly McpExtension s_none = new();

    /// <summary>Whether the operation is to be no tool.</summary>
    public bool IsHidden { get; init; }

    /// <summary>The name wanted, or null.</summary>
    public string? Name { get; init; }

    /// <summary>The title wanted, or null.</summary>
    public string? Title { get; init; }

    /// <summary>The description wanted, or null.</summary>
    public string? Description { get; init; }

    public bool? ReadOnlyHint { get; init; }

    public bool? DestructiveHint { get; init; }

    public bool? IdempotentHint { get; init; }

    public bool? OpenWorldHint { get; init; }

    public static McpExtension Of(ApiOperation operation)
    {
        if (operation.Extensions.Count == 0 || !operation.Extensions.TryGetValue("x-mcp", out var said))
        {
            return s_none;
        }

        if (said.ValueKind == JsonValueKind.False)
        {
            return new McpExtension { IsHidden = true };
        }

        if (said.ValueKind != JsonValueKind.Object)
        {
            return s_none;
        }

        var annotations = said.TryGetProperty("annotations", out var given) && given.ValueKind == JsonValueKind.Object ? given : said;
        return new McpExtension
        {
            IsHidden = Flag(said, "enabled") is false || Flag(said, "hidden") is true,
            Name = Text(said, "name"),
            Title = Text(said, "title"),
            Description = Text(said, "description"),
            ReadOnlyHint = Flag(annotations, "readOnlyHint"),
            DestructiveHint = Flag(annotations, "destructiveHint"),
            IdempotentHint = Flag(annotations, "idempotentHint"),
            OpenWorldHint = Flag(annotations, "openWorldHint"),
        };
    }

    private static string? Text(JsonElement node, string name) => node.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static bool? Flag(JsonElement node, string name) => node.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : null;
}
