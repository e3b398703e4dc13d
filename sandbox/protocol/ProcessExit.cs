namespace ToolRuntime.Sandbox.Protocol;

/// <summary>How a process ended.</summary>
/// <param name="ExitCode">Its exit code, or 128 + signal.</param>
/// <param name="Signal">The signal that ended it, or 0.</param>
public readonly record struct ProcessExit(int ExitCode, int Signal);
