namespace ToolRuntime.Functions;

/// <summary>What became of a <see cref="VolumeCommand"/>; what was refused comes as a fault.</summary>
/// <param name="Record">The volume.</param>
/// <param name="UsedBytes">What it holds; for <see cref="VolumeOperation.Look"/>.</param>
/// <param name="TotalBytes">What it can hold: its quota, or its disk.</param>
/// <param name="Sandboxes">Ids of the sandboxes that have it.</param>
public sealed record VolumeAnswer(VolumeRecord Record, long UsedBytes, long TotalBytes, IReadOnlyList<string> Sandboxes);
