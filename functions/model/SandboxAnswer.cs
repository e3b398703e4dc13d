namespace ToolRuntime.Functions;

/// <summary>What became of a <see cref="SandboxCreate"/> or <see cref="SandboxCommand"/>; what was refused comes as a fault.</summary>
public sealed record SandboxAnswer
{
    /// <summary>The sandbox as it is now.</summary>
    public SandboxRecord? Record { get; init; }

    /// <summary>Whether anything was changed: false for a resume of what ran, or a pause of what was paused.</summary>
    public bool HasChanged { get; init; } = true;

    /// <summary>The forks; each is a record or why it could not be made.</summary>
    public IReadOnlyList<SandboxFork> Forks { get; init; } = [];

    /// <summary>The snapshot.</summary>
    public SandboxSnapshot? Snapshot { get; init; }

    /// <summary>Measures, oldest first.</summary>
    public IReadOnlyList<SandboxMeasure> Measures { get; init; } = [];

    /// <summary>The egress rules that hold, without header values.</summary>
    public EgressRules? Egress { get; init; }

    /// <summary>Egress decisions, oldest first, at most 256.</summary>
    public IReadOnlyList<EgressDecision> Decisions { get; init; } = [];
}
