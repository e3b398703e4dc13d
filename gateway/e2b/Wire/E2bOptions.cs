namespace ToolRuntime.E2b.Wire;

/// <summary>How sandboxes are offered to clients of E2B's protocol.</summary>
public sealed record E2bOptions
{
    /// <summary>Domain, with its port where it is not 443, below which each port of a sandbox has a name: <c>{port}-{sandbox}.{domain}</c>; null for none.</summary>
    public string? Domain { get; init; }

    /// <summary>Images by the names that templates of E2B have.</summary>
    public IReadOnlyDictionary<string, string> Templates { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["base"] = "code",
        ["code-interpreter-v1"] = "code-interpreter",
        ["mcp-gateway"] = "code",
    };

    /// <summary>The image or snapshot that a template's name means.</summary>
    public string SourceOf(string template) => Templates.GetValueOrDefault(template.Split(':')[0], template);

    /// <summary>Key that access tokens of sandboxes are derived from, 32 bytes; all replicas have the same.</summary>
    public required byte[] TokenKey { get; init; }
}
