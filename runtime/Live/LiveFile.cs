using ToolRuntime.Functions;

namespace ToolRuntime.Runtime.Live;

/// <summary>What stands of a paused sandbox beside its memory or files; mode 0600, its environment and rules may hold secrets.</summary>
internal sealed record LiveFile
{
    /// <summary>The only form that this build reads.</summary>
    public const int CurrentFormat = 1;

    /// <summary>The form that it is written in.</summary>
    public int Format { get; init; } = CurrentFormat;

    /// <summary>The sandbox, or null where this is of a snapshot.</summary>
    public SandboxRecord? Record { get; init; }

    /// <summary>The snapshot, or null where this is of a sandbox.</summary>
    public SandboxSnapshot? Snapshot { get; init; }

    /// <summary>Environment of its processes.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>What may go out of it.</summary>
    public EgressRules Egress { get; init; } = new();
}
