using ToolRuntime.Functions;

namespace ToolRuntime.Sandbox.Volumes;

/// <summary>A volume that a sandbox gets.</summary>
/// <param name="Source">The host's folder with its files.</param>
/// <param name="Mount">Its name, and where it is to be.</param>
public sealed record VolumeBinding(string Source, VolumeMount Mount);
