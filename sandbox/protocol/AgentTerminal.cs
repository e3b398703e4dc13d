namespace ToolRuntime.Sandbox.Protocol;

/// <summary>Size of a terminal.</summary>
/// <param name="Rows">Lines.</param>
/// <param name="Cols">Columns.</param>
public sealed record AgentTerminal(ushort Rows, ushort Cols);
