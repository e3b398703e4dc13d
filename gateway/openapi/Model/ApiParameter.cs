namespace ToolRuntime.OpenApi.Model;

/// <summary>A parameter of an operation.</summary>
public sealed record ApiParameter
{
    /// <summary>Its name on the wire.</summary>
    public required string Name { get; init; }

    /// <summary>Where it stands in the request.</summary>
    public required ParameterPlace Place { get; init; }

    /// <summary>Whether a request without it is wrong.</summary>
    public bool IsRequired { get; init; }

    /// <summary>The document's description; empty for none.</summary>
    public string Description { get; init; } = "";

    /// <summary>What it may be.</summary>
    public required ApiSchema Schema { get; init; }

    /// <summary>How arrays and objects are written; the place's default where the document says none. Without meaning where <see cref="MediaType"/> is set.</summary>
    public required ParameterStyle Style { get; init; }

    /// <summary>Whether array items and object members stand as parameters of their own.</summary>
    public bool Explode { get; init; }

    /// <summary>What stands between the items of arrays within arrays (2.0, <c>collectionFormat</c> of <c>items</c>), the outer ones first; of arrays below these nothing is said.</summary>
    public IReadOnlyList<char> InnerDelimiters { get; init; } = [];

    /// <summary>Whether reserved characters go out as they are (query only before 3.2).</summary>
    public bool AllowReserved { get; init; }

    /// <summary>Whether an empty value may be sent as the bare name (query only).</summary>
    public bool AllowEmptyValue { get; init; }

    /// <summary>For a parameter with <c>content</c>: the media type in which its value is written (JSON types: as JSON text). Else null.</summary>
    public string? MediaType { get; init; }

    /// <summary>Whether the document says that it is deprecated.</summary>
    public bool IsDeprecated { get; init; }
}
