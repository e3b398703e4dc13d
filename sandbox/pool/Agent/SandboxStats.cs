namespace ToolRuntime.Sandbox.Agent;

/// <summary>What a sandbox uses, measured from inside.</summary>
/// <param name="ResidentBytes">Resident memory of all processes.</param>
/// <param name="Processes">How many there are.</param>
/// <param name="Cpu">CPU time that they have used.</param>
public readonly record struct SandboxStats(long ResidentBytes, int Processes, TimeSpan Cpu);
