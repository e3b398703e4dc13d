namespace ToolRuntime.Sandbox.Runsc;

/// <summary>What of a sandbox's file systems differs beside the image.</summary>
/// <param name="ScratchMiB">Size of each tmpfs.</param>
/// <param name="CopiesLayers">Layers are copied into a tmpfs; else folders of the host can be mounted for them.</param>
/// <param name="HasVolumes">Volumes can be mounted, and what they are at can be made anywhere: the root can be written, in memory, whatever the image says.</param>
internal readonly record struct RootShape(int ScratchMiB, bool CopiesLayers, bool HasVolumes);
