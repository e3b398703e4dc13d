namespace ToolRuntime.Bus.Streams;

/// <summary>One append, as it was stored.</summary>
/// <param name="End">The place behind it, where a reader goes on.</param>
/// <param name="Data">Its bytes.</param>
public readonly record struct StreamChunk(StreamOffset End, ReadOnlyMemory<byte> Data);
