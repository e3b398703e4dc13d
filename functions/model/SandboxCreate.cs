namespace ToolRuntime.Functions;

/// <summary>
/// Asks a runtime for a sandbox: part request <see cref="RequestName"/>, this record as JSON; the answer is <see cref="SandboxAnswer"/>. Where
/// <see cref="Source"/> is a snapshot, it goes to the runtime that has it, as a <see cref="SandboxCommand"/>.
/// </summary>
public sealed record SandboxCreate
{
    /// <summary>The part request that carries it.</summary>
    public const string RequestName = "sandbox.create";

    /// <summary>Whose.</summary>
    public required string Tenant { get; init; }

    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>What its maker called for, as it is shown.</summary>
    public required string Template { get; init; }

    /// <summary>The image's name or the snapshot's id that <see cref="Template"/> means.</summary>
    public required string Source { get; init; }

    /// <summary>Seconds until its end.</summary>
    public int TimeoutSeconds { get; init; } = 300;

    /// <summary>What its maker writes about it.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Environment of its processes.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>How it is made.</summary>
    public SandboxSettings Settings { get; init; } = new();

    /// <summary>What may go out.</summary>
    public EgressRules Egress { get; init; } = new();
}
