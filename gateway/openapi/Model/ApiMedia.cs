namespace ToolRuntime.OpenApi.Model;

/// <summary>A body in one media type.</summary>
public sealed record ApiMedia
{
    /// <summary>The media type as the document has it, for example <c>application/merge-patch+json</c>.</summary>
    public required string MediaType { get; init; }

    /// <summary>What the body may be; <see cref="ApiSchema.Anything"/> where the document does not say.</summary>
    public required ApiSchema Schema { get; init; }

    /// <summary>What one item of a stream may be (OpenAPI 3.2, <c>itemSchema</c>), or null.</summary>
    public ApiSchema? ItemSchema { get; init; }

    /// <summary>Whether parts of a multipart body whose schema says nothing of them are bytes (OpenAPI 3.1 and later).</summary>
    public bool HasBytesWhereUntyped { get; init; }

    /// <summary>How single properties of a form or multipart body are written, by property.</summary>
    public IReadOnlyDictionary<string, ApiEncoding> Encoding { get; init; } = new Dictionary<string, ApiEncoding>(StringComparer.Ordinal);

    /// <summary>How the first parts of a multipart body without names are written, by their place (OpenAPI 3.2).</summary>
    public IReadOnlyList<ApiEncoding> PrefixEncoding { get; init; } = [];

    /// <summary>How all further parts without names are written (OpenAPI 3.2), or null.</summary>
    public ApiEncoding? ItemEncoding { get; init; }
}
