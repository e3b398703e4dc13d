using System.Text.Json.Serialization;

namespace ToolRuntime.Functions;

/// <summary>One immutable version of a function, named by the digest of its manifest, tools and layers.</summary>
public sealed record FunctionVersion
{
    /// <summary>Lower-case hex SHA-256 over manifest, tools and layer digests.</summary>
    public required string Digest { get; init; }

    /// <summary>Whose it is.</summary>
    public required string Tenant { get; init; }

    /// <summary>What the author said.</summary>
    public required FunctionManifest Manifest { get; init; }

    /// <summary>Its tools, at least one; for an MCP server the list that it gave at deploy.</summary>
    public required IReadOnlyList<ToolDefinition> Tools { get; init; }

    /// <summary>What an MCP server said of itself, or null.</summary>
    public ServerSnapshot? Server { get; init; }

    /// <summary>Its layers, the code layer first.</summary>
    public required IReadOnlyList<LayerReference> Layers { get; init; }

    /// <summary>When it was built.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The pool that its sandboxes come from: the image's name.</summary>
    [JsonIgnore]
    public string Pool => Manifest.Image ?? (Manifest.Language == FunctionLanguage.CSharp ? "csharp" : "base");
}
