namespace ToolRuntime.Sandbox.Cgroups;

/// <summary>Where the controllers of version 1 are mounted.</summary>
internal sealed record CgroupV1Mounts(string Memory, string Cpu, string Pids);
