using ToolRuntime.Sandbox.Volumes;

namespace ToolRuntime.Runtime.Live;

/// <summary>Section <c>toolruntime.sandboxes</c> of host.json: sandboxes that callers drive.</summary>
public sealed record LiveOptions
{
    /// <summary>Where paused sandboxes and snapshots lie; mode 0700, it holds their memory.</summary>
    public required string Folder { get; init; }

    /// <summary>Volumes; null for none here.</summary>
    public VolumeOptions? Volumes { get; init; }

    /// <summary>Longest time that a sandbox may run without a pause.</summary>
    public TimeSpan MaximumActive { get; init; } = TimeSpan.FromHours(8);

    /// <summary>How long a paused one is kept.</summary>
    public TimeSpan KeepPaused { get; init; } = TimeSpan.FromDays(30);

    /// <summary>Time between two measures of each that runs.</summary>
    public TimeSpan MeasureEvery { get; init; } = TimeSpan.FromSeconds(5);
}
