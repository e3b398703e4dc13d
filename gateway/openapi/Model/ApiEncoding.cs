namespace ToolRuntime.OpenApi.Model;

/// <summary>How one property of a form or multipart body is written.</summary>
public sealed record ApiEncoding
{
    /// <summary>Media type of the part, or null for the default of its type.</summary>
    public string? ContentType { get; init; }

    /// <summary>How arrays and objects are written, or null where the document does not say (then <see cref="ContentType"/> decides).</summary>
    public ParameterStyle? Style { get; init; }

    /// <summary>Whether items and members stand by themselves.</summary>
    public bool Explode { get; init; } = true;

    /// <summary>What stands between the items of arrays within arrays (2.0), the outer ones first.</summary>
    public IReadOnlyList<char> InnerDelimiters { get; init; } = [];

    /// <summary>Whether reserved characters go out as they are.</summary>
    public bool AllowReserved { get; init; }

    /// <summary>Headers of the part, by name; their value is an argument like any other.</summary>
    public IReadOnlyDictionary<string, ApiSchema> Headers { get; init; } = new Dictionary<string, ApiSchema>(StringComparer.OrdinalIgnoreCase);
}
