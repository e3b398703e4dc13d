namespace ToolRuntime.Functions;

/// <summary>What a function's name stands for at present. Swapped whole at a deploy or a rollback.</summary>
public sealed record FunctionRecord
{
    private static readonly IReadOnlyDictionary<string, DateTimeOffset> s_none = new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal);

    /// <summary>Whose it is.</summary>
    public required string Tenant { get; init; }

    /// <summary>The function's name.</summary>
    public required string Name { get; init; }

    /// <summary>The versions that serve; one entry for now, none where the function was removed.</summary>
    public required IReadOnlyList<WeightedVersion> Active { get; init; }

    /// <summary>Earlier and present versions, newest first, at most <see cref="MaximumHistory"/>.</summary>
    public required IReadOnlyList<string> History { get; init; }

    /// <summary>Versions that served once and are still stored, and since when they do not.</summary>
    /// <remarks>Records that were written before this was noted have none.</remarks>
    public IReadOnlyDictionary<string, DateTimeOffset> Retired { get; init => field = value ?? s_none; } = s_none;

    /// <summary>When it was last changed.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>How many versions a name remembers.</summary>
    public const int MaximumHistory = 20;
}
