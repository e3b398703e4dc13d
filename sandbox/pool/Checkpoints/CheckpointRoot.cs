using ToolRuntime.Sandbox.Images;

namespace ToolRuntime.Sandbox.Checkpoints;

/// <summary>The root file system of a checkpoint.</summary>
/// <param name="Digest">The image's digest.</param>
/// <param name="Tools">Digest of the agent and the SDKs that are packed into it.</param>
/// <param name="Length">Length of the packed file, bytes.</param>
/// <param name="Kind">How it stands to what runs in it.</param>
public sealed record CheckpointRoot(string Digest, string Tools, long Length, ImageRoot Kind)
{
    /// <summary>Folders of the host, by their place in the sandbox.</summary>
    public IReadOnlyDictionary<string, HostFolder> HostFolders { get; init; } = new SortedDictionary<string, HostFolder>(StringComparer.Ordinal);

    /// <summary>Digest of the tools folder where that is bound beside the packed root; null elsewhere.</summary>
    public string? BoundTools { get; init; }
}
