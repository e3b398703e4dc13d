namespace ToolRuntime.OpenApi.Model;

/// <summary>The body of a request.</summary>
public sealed record ApiBody
{
    /// <summary>Whether a request without it is wrong.</summary>
    public bool IsRequired { get; init; }

    /// <summary>The document's description; empty for none.</summary>
    public string Description { get; init; } = "";

    /// <summary>Its media types, at least one, in the document's order.</summary>
    public required IReadOnlyList<ApiMedia> Media { get; init; }
}
