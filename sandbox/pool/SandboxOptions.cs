using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Docker;

namespace ToolRuntime.Sandbox;

/// <summary>Section <c>toolruntime.sandbox</c> of host.json.</summary>
public sealed record SandboxOptions
{
    /// <summary>Folder of this instance's sandboxes: bundles, state, mount points.</summary>
    public required string WorkFolder { get; init; }

    /// <summary>Folder shared by instances of a machine: runsc, images, agent, layers, by content.</summary>
    public required string CacheFolder { get; init; }

    /// <summary>Folder below which checkpoints are kept, by default in the work folder. Those elsewhere must be on its file system.</summary>
    public string CheckpointFolder
    {
        get => field ?? Path.Combine(WorkFolder, "checkpoints");
        init;
    }

    /// <summary>The published agent, a static executable.</summary>
    public required string AgentPath { get; init; }

    /// <summary>Folder with the SDK files of functions/sdk, bound read-only at <c>/toolrt/sdk</c>.</summary>
    public required string SdkFolder { get; init; }

    /// <summary>The published C# worker (functions/sdk/csharp/publish.sh), bound read-only at <c>/toolrt/sdk/csharp</c>; null where no C# runs.</summary>
    public string? CSharpWorkerFolder { get; init; }

    /// <summary>Folder with the kernels of sandbox/kernels, bound read-only at <c>/toolrt/kernels</c>.</summary>
    public required string KernelFolder { get; init; }

    /// <summary>The published C# kernel (sandbox/kernels/csharp/publish.sh), bound read-only at <c>/toolrt/kernels/csharp</c>; null where there is none.</summary>
    public string? CSharpKernelFolder { get; init; }

    /// <summary>Folder with the image recipes.</summary>
    public required string RecipeFolder { get; init; }

    /// <summary>Path of runsc, or null to find or fetch it.</summary>
    public string? RunscPath { get; init; }

    /// <summary><c>auto</c>, <c>systrap</c>, <c>ptrace</c> or <c>kvm</c>.</summary>
    public string Platform { get; init; } = "auto";

    /// <summary>A Docker Engine whose images may be used as <c>docker:NAME</c>; null for none.</summary>
    public DockerOptions? Docker { get; init; }

    /// <summary>Most sandboxes of this instance at once.</summary>
    public int MaximumSandboxes { get; init; } = 64;

    /// <summary>
    /// Languages whose sandboxes may start from a snapshot where that is faster. What stands ready in them must be told (a kernel by RESTORED),
    /// for sandboxes from one snapshot draw the same random numbers otherwise.
    /// </summary>
    public IReadOnlyList<FunctionLanguage> SnapshotLanguages { get; init; } = [FunctionLanguage.Sandbox];

    /// <summary>How long warm generic sandboxes outlive the last demand for their kind.</summary>
    public TimeSpan WarmIdle { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Warm generic sandboxes per kind while there is demand.</summary>
    public int WarmTarget { get; init; } = 2;
}
