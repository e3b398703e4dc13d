namespace ToolRuntime.Bus.State;

/// <summary>How a write ended.</summary>
/// <param name="IsDone">False where the key was not at the revision that the writer expected.</param>
/// <param name="Revision">The key's revision now; 0 where it has none.</param>
public readonly record struct StateWrite(bool IsDone, ulong Revision);
