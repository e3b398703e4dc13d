namespace ToolRuntime.Bus.State;

/// <summary>What is remembered under a key.</summary>
/// <param name="Key">The key.</param>
/// <param name="Value">UTF-8 of a JSON value; empty in lists.</param>
/// <param name="Revision">Grows with each write in the bucket, above 0.</param>
/// <param name="Expires">When it goes, or null.</param>
public readonly record struct StateEntry(string Key, ReadOnlyMemory<byte> Value, ulong Revision, DateTimeOffset? Expires);
