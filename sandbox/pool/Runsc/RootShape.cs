namespace ToolRuntime.Sandbox.Runsc;

/// <summary>What of a sandbox's file systems differs beside the image.</summary>
/// <param name="ScratchMiB">Size of each tmpfs.</param>
/// <param name="CopiesLayers">Layers are copied into a tmpfs; else folders of the host can be mounted for them.</param>
internal readonly record struct RootShape(int ScratchMiB, bool CopiesLayers);
