namespace ToolRuntime.Runtime.Calls;

/// <summary>Says on the topic that a large checkpoint was kept, without it.</summary>
/// <param name="Bytes">Its length.</param>
internal sealed record CheckpointData(int Bytes);
