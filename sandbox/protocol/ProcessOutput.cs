namespace ToolRuntime.Sandbox.Protocol;

/// <summary>A piece of what a process wrote.</summary>
/// <param name="IsError">Whether it came from stderr.</param>
/// <param name="Data">The bytes; valid until the next piece is read.</param>
public readonly record struct ProcessOutput(bool IsError, ReadOnlyMemory<byte> Data);
