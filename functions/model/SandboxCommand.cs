namespace ToolRuntime.Functions;

/// <summary>Tells the runtime that has a sandbox what to do with it: part request <see cref="RequestNameOf"/>, this record as JSON; the answer is <see cref="SandboxAnswer"/>.</summary>
public sealed record SandboxCommand
{
    /// <summary>What to do.</summary>
    public required SandboxOperation Operation { get; init; }

    /// <summary>Whose.</summary>
    public required string Tenant { get; init; }

    /// <summary>Which sandbox; which snapshot for <see cref="SandboxOperation.RemoveSnapshot"/> and <see cref="SandboxOperation.Tag"/>.</summary>
    public required string Id { get; init; }

    /// <summary>Seconds from now.</summary>
    public int? TimeoutSeconds { get; init; }

    /// <summary>Whether memory is kept.</summary>
    public bool Memory { get; init; } = true;

    /// <summary>How many.</summary>
    public int Count { get; init; } = 1;

    /// <summary>A name for the snapshot.</summary>
    public string? Name { get; init; }

    /// <summary>The id of a snapshot: the one to go back to, or the one that a new snapshot gets (null for any).</summary>
    public string? Snapshot { get; init; }

    /// <summary>The snapshot's tags.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>The new rules.</summary>
    public EgressRules? Egress { get; init; }

    /// <summary>What to make.</summary>
    public SandboxCreate? Create { get; init; }

    /// <summary>Measures from here on.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>The part request that carries it to <paramref name="runtime"/>.</summary>
    public static string RequestNameOf(string runtime) => $"sandbox.do.{runtime}";
}
