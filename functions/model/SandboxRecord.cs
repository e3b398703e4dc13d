namespace ToolRuntime.Functions;

/// <summary>
/// A sandbox that callers drive: what every gateway knows of it. The runtime that has it keeps this in the bus; its environment and its
/// egress rules, which may hold secrets, stay with that runtime.
/// </summary>
public sealed record SandboxRecord
{
    /// <summary>Whose.</summary>
    public required string Tenant { get; init; }

    /// <summary>Its id, see <see cref="Ids"/>.</summary>
    public required string Id { get; init; }

    /// <summary>What its maker called for: an image, a snapshot, or a name of one.</summary>
    public required string Template { get; init; }

    /// <summary>The image that it runs.</summary>
    public required string Image { get; init; }

    /// <summary>Grows with each change, so that of two records the later one is known.</summary>
    public long Revision { get; init; }

    /// <summary>Running, paused, or ended by itself.</summary>
    public SandboxState State { get; init; }

    /// <summary>Why it ended by itself, for people; or null.</summary>
    public string? EndReason { get; init; }

    /// <summary>Whether what is paused has its memory; else its files only.</summary>
    public bool HasMemory { get; init; } = true;

    /// <summary>The runtime that has it.</summary>
    public required string Runtime { get; init; }

    /// <summary>The data folder of that runtime, which outlives it.</summary>
    public required string Home { get; init; }

    /// <summary>What its maker wrote about it.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>When it began, or was last resumed.</summary>
    public DateTimeOffset StartedAt { get; init; }

    /// <summary>When it ends, or is paused.</summary>
    public DateTimeOffset EndAt { get; init; }

    /// <summary>The backend that runs it: <c>runsc</c> or <c>docker</c>.</summary>
    public string Backend { get; init; } = "";

    /// <summary>What that backend can: of <c>checkpoint</c> (pause with memory, snapshot, fork), <c>files</c> (pause without), <c>lateMounts</c>, <c>volumes</c>, <c>ports</c>, <c>resize</c>.</summary>
    public IReadOnlyList<string> Can { get; init; } = [];

    /// <summary>How it is made, and what happens at its end.</summary>
    public SandboxSettings Settings { get; init; } = new();
}
