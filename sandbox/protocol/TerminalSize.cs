namespace ToolRuntime.Sandbox.Protocol;

/// <summary>Size of a terminal.</summary>
/// <param name="Rows">Lines.</param>
/// <param name="Columns">Characters in a line.</param>
public readonly record struct TerminalSize(ushort Rows, ushort Columns);
