namespace ToolRuntime.Functions;

/// <summary>One fork of a sandbox.</summary>
/// <param name="Record">The fork, or null.</param>
/// <param name="Fault">Why there is none.</param>
public sealed record SandboxFork(SandboxRecord? Record, FunctionFault? Fault = null);
