using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Docker;

namespace ToolRuntime.Sandbox.Pools;

/// <summary>All that has to be decided before a sandbox boots, and so divides warm sandboxes: what its resident worker is and how large its walls are.</summary>
/// <param name="Kind">Image and language; TypeScript runs in JavaScript's.</param>
/// <param name="MemoryMiB">Memory, from which the interpreter's own limit is taken.</param>
/// <param name="Processes">The worker's RLIMIT_NPROC.</param>
/// <param name="ScratchMiB">Size of each tmpfs.</param>
/// <param name="CopiesLayers">Whether layers are copied into it; else they are mounted.</param>
/// <param name="HasVolumes">Whether volumes can be mounted into it.</param>
internal readonly record struct BootShape(PoolKind Kind, int MemoryMiB, int Processes, int ScratchMiB, bool CopiesLayers, bool HasVolumes)
{
    /// <summary>The shape of a kind under limits.</summary>
    public static BootShape Of(PoolKind kind, FunctionLimits limits, bool copiesLayers, bool wantsVolumes = false) =>
        new(Normalise(kind), limits.MemoryMiB, limits.Processes, limits.ScratchMiB, copiesLayers, TakesVolumes(kind, wantsVolumes));

    // Of these alone: a folder of the host that can be written makes gVisor start a second process, which costs a boot a third of its time.
    private static bool TakesVolumes(PoolKind kind, bool wantsVolumes) =>
        wantsVolumes && kind.Language is FunctionLanguage.Sandbox or FunctionLanguage.Mcp && !kind.Image.StartsWith(DockerBackend.ImagePrefix, StringComparison.Ordinal);

    /// <summary>The kind whose warm sandboxes serve <paramref name="kind"/>.</summary>
    public static PoolKind Normalise(PoolKind kind) =>
        kind.Language == FunctionLanguage.TypeScript ? kind with { Language = FunctionLanguage.JavaScript } : kind;
}
