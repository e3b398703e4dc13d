namespace ToolRuntime.Functions;

/// <summary>A chosen part of a tenant's tools, offered under a name of its own.</summary>
public sealed record ToolSet
{
    /// <summary>Whose it is.</summary>
    public required string Tenant { get; init; }

    /// <summary>Its name, see <see cref="Names.IsFunction"/>.</summary>
    public required string Name { get; init; }

    /// <summary>What a model is told about it, or null.</summary>
    public string? Description { get; init; }

    /// <summary>Its parts; a tool that one of them has is in the set.</summary>
    public required IReadOnlyList<ToolSetPart> Parts { get; init; }
}
