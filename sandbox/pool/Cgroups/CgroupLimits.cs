namespace ToolRuntime.Sandbox.Cgroups;

/// <summary>The outer walls of one sandbox.</summary>
/// <param name="MemoryBytes">Memory of all its processes on the host, with swap.</param>
/// <param name="CpuMillis">Thousandths of a core; 0 for no limit.</param>
/// <param name="Processes">Threads on the host; well above what the guest may start, for gVisor dies of this limit.</param>
public readonly record struct CgroupLimits(long MemoryBytes, int CpuMillis, int Processes);
