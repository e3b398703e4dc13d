using System.Text;

using ToolRuntime.Functions;

namespace ToolRuntime.Gateway.Federation;

/// <summary>What servers list.</summary>
/// <param name="Method">The method that lists it.</param>
/// <param name="Capability">The server's capability for it.</param>
/// <param name="Member">The result's member.</param>
/// <param name="Key">The item's member that names it.</param>
public sealed record ServerListKind(string Method, string Capability, string Member, string Key)
{
    /// <summary>Tools.</summary>
    public static ServerListKind Tools { get; } = new("tools/list", "tools", "tools", "name");

    /// <summary>Resources.</summary>
    public static ServerListKind Resources { get; } = new("resources/list", "resources", "resources", "uri");

    /// <summary>Resource templates.</summary>
    public static ServerListKind Templates { get; } = new("resources/templates/list", "resources", "resourceTemplates", "uriTemplate");

    /// <summary>Prompts.</summary>
    public static ServerListKind Prompts { get; } = new("prompts/list", "prompts", "prompts", "name");

    /// <summary>The items that were kept of a server, or null where none were.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>>? KeptIn(ServerSnapshot? server)
    {
        var kept = Method switch
        {
            "resources/list" => server?.Resources,
            "resources/templates/list" => server?.Templates,
            "prompts/list" => server?.Prompts,
            _ => null,
        };
        return kept is null ? null : [.. kept.Select(i => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(i.GetRawText()))];
    }

    /// <summary>The kind that <paramref name="method"/> lists, or null.</summary>
    public static ServerListKind? Of(string method) => method switch
    {
        "resources/list" => Resources,
        "resources/templates/list" => Templates,
        "prompts/list" => Prompts,
        _ => null,
    };
}
