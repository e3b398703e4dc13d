using ToolRuntime.Sandbox.Cgroups;
using ToolRuntime.Sandbox.Images;
using ToolRuntime.Sandbox.Volumes;

namespace ToolRuntime.Sandbox.Runsc;

/// <summary>A sandbox that is to run.</summary>
/// <param name="Image">What runs in it.</param>
/// <param name="Shape">Its file systems.</param>
/// <param name="Limits">Its walls from its first instruction on.</param>
internal sealed record RunscLaunch(SandboxImage Image, RootShape Shape, CgroupLimits Limits)
{
    /// <summary>The folder of the checkpoint that it goes on from; null to boot.</summary>
    public string? Checkpoint { get; init; }

    /// <summary>Tools of another build, for an image that has them bound; null for this instance's.</summary>
    public string? ToolsFolder { get; init; }

    /// <summary>Layers that are there before it runs, by their name below <c>/layers</c>: a restored program has files of them open.</summary>
    public IReadOnlyList<(string Source, string Name)> Layers { get; init; } = [];

    /// <summary>Volumes that are there before it runs.</summary>
    public IReadOnlyList<VolumeBinding> Volumes { get; init; } = [];
}
