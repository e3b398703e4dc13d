namespace ToolRuntime.Gateway.Secrets;

/// <summary>What is known of a secret that a caller made for itself, beside its name and value.</summary>
public sealed record SecretFacts
{
    /// <summary>What ids begin with, and no name does.</summary>
    public const string IdPrefix = "sec_";

    /// <summary>Its id: <see cref="IdPrefix"/> and 20 of <c>[a-z0-9]</c>.</summary>
    public required string Id { get; init; }

    /// <summary>From 1, one more with each value; the last one counts, and no earlier one is kept.</summary>
    public long Version { get; init; } = 1;

    /// <summary>What its maker wrote about it.</summary>
    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it got the value that it has.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>The same with another value.</summary>
    public SecretFacts Renewed(DateTimeOffset now) => this with { Version = Version + 1, UpdatedAt = now };
}
