namespace ToolRuntime.Bus.Streams;

/// <summary>How the classes of durable streams are made.</summary>
/// <param name="Partitions">Partitions of each class.</param>
/// <param name="Share">
/// Limit of each partition of the classes that only durable streams use, and of their large chunks, as a share of that of a sessions' class as it
/// stands: who joins a server need not know how whoever runs it has divided its disk.
/// </param>
/// <param name="Replicas">Replicas of each.</param>
internal sealed record StreamLayout(int Partitions, double Share, int Replicas);
