namespace ToolRuntime.Runtime.Building;

/// <summary>Bounds of what is unpacked.</summary>
/// <param name="Bytes">Most bytes.</param>
/// <param name="Files">Most files and folders.</param>
internal sealed record UnpackBounds(long Bytes, int Files);
