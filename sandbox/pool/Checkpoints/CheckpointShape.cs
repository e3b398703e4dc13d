using ToolRuntime.Functions;

namespace ToolRuntime.Sandbox.Checkpoints;

/// <summary>What was decided before the sandbox booted, as it is kept.</summary>
/// <param name="Image">The image's name.</param>
/// <param name="Language">The resident worker's language.</param>
/// <param name="MemoryMiB">Memory that the interpreter's own limit was taken from.</param>
/// <param name="Processes">The worker's RLIMIT_NPROC.</param>
/// <param name="ScratchMiB">Size of each tmpfs.</param>
/// <param name="CopiesLayers">Whether layers were copied into it.</param>
public sealed record CheckpointShape(string Image, FunctionLanguage Language, int MemoryMiB, int Processes, int ScratchMiB, bool CopiesLayers)
{
    /// <summary>Whether volumes could be mounted into it; those of builds before volumes could not.</summary>
    public bool HasVolumes { get; init; }
}
