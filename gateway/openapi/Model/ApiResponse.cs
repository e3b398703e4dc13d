namespace ToolRuntime.OpenApi.Model;

/// <summary>A response that the document names.</summary>
public sealed record ApiResponse
{
    /// <summary><c>200</c>, <c>2XX</c> (upper case) or <c>default</c>.</summary>
    public required string Status { get; init; }

    /// <summary>The document's description; empty for none.</summary>
    public string Description { get; init; } = "";

    /// <summary>Its media types; empty where it has no body.</summary>
    public IReadOnlyList<ApiMedia> Media { get; init; } = [];

    /// <summary>Names of its headers.</summary>
    public IReadOnlyList<string> Headers { get; init; } = [];
}
