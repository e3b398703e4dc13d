namespace ToolRuntime.Bus.Streams;

/// <summary>How the classes of durable streams are made.</summary>
/// <param name="Partitions">Partitions of each class.</param>
/// <param name="Bytes">Limit of each partition of the classes that only durable streams use, and of their large chunks.</param>
/// <param name="Replicas">Replicas of each.</param>
internal sealed record StreamLayout(int Partitions, long Bytes, int Replicas);
