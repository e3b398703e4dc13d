using ToolRuntime.Functions;

namespace ToolRuntime.Sandbox.Checkpoints;

/// <summary>What stands in <c>checkpoint.json</c>: all that has to be known of a suspended sandbox before it can be restored.</summary>
public sealed record SandboxCheckpoint
{
    /// <summary>The format that this build writes and reads.</summary>
    public const int CurrentFormat = 1;

    /// <summary>Format of the folder.</summary>
    public required int Format { get; init; }

    /// <summary>The checkpoint's own id; a copy of the folder has the same.</summary>
    public required string Id { get; init; }

    /// <summary>Whose sandbox it was; null for a template, which is nobody's.</summary>
    public string? Tenant { get; init; }

    /// <summary>What it was made with, and needs again.</summary>
    public required CheckpointHost Host { get; init; }

    /// <summary>Its root file system and tools, kept in the folder.</summary>
    public required CheckpointRoot Root { get; init; }

    /// <summary>What was decided before it booted.</summary>
    public required CheckpointShape Shape { get; init; }

    /// <summary>Layers that are mounted, in order; what was copied is in its memory.</summary>
    public IReadOnlyList<LayerReference> Layers { get; init; } = [];

    /// <summary>Id of its resident worker, empty for none.</summary>
    public string WorkerId { get; init; } = "";

    /// <summary>The epoch of the channel that was suspended; a restored sandbox goes on under the next.</summary>
    public required ulong Epoch { get; init; }

    /// <summary>When it was suspended.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>The files of its memory, with what is checked of each.</summary>
    public required IReadOnlyList<CheckpointFile> Files { get; init; }

    /// <summary>How long the sandbox stood still until its memory was written, milliseconds.</summary>
    public double PauseMillis { get; init; }

    /// <summary>Length of all of them, bytes; the root is a link and costs nothing.</summary>
    public long Bytes { get; init; }
}
