namespace ToolRuntime.Sandbox.Checkpoints;

/// <summary>One file of a checkpoint. gVisor checks the state that it reads, but not the pages of memory, so each has a sum of ours.</summary>
/// <param name="Name">Its name in the folder.</param>
/// <param name="Length">Its length, bytes.</param>
/// <param name="Sum">CRC-32C of its content.</param>
public sealed record CheckpointFile(string Name, long Length, uint Sum);
