namespace ToolRuntime.OpenApi.Model;

/// <summary>
/// One API, whatever it was described in: Swagger 2.0, OpenAPI 3.0 to 3.2, hand-written tools, gRPC reflection. Immutable. Tools, requests,
/// schemas and reports are made from this and from nothing else.
/// </summary>
public record ApiModel
{
    /// <summary>The API's title; empty where the document gives none.</summary>
    public string Title { get; init; } = "";

    /// <summary>The API's own version, as the document says it.</summary>
    public string Version { get; init; } = "";

    /// <summary>What the API is, as the document says it, unsanitised.</summary>
    public string Description { get; init; } = "";

    /// <summary>What the document was written in.</summary>
    public required ApiFormat Format { get; init; }

    /// <summary>Operations that can be called, in the document's order.</summary>
    public required IReadOnlyList<ApiOperation> Operations { get; init; }

    /// <summary>Operations that cannot be called, each with the reason.</summary>
    public required IReadOnlyList<ApiRefusal> Refusals { get; init; }

    /// <summary>The document's security schemes by name.</summary>
    public IReadOnlyDictionary<string, ApiSecurityScheme> SecuritySchemes { get; init; } = new Dictionary<string, ApiSecurityScheme>(StringComparer.Ordinal);

    /// <summary>What is wrong in the document and did not keep operations from being read.</summary>
    public IReadOnlyList<ApiWarning> Warnings { get; init; } = [];
}
