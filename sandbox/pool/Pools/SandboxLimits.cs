using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Cgroups;

namespace ToolRuntime.Sandbox.Pools;

/// <summary>What a function's limits are as control groups.</summary>
internal static class SandboxLimits
{
    /// <summary>What gVisor itself uses of a sandbox's memory, and is not taken from the function.</summary>
    public const int OverheadMiB = 48;

    // What gVisor describes of its kernel while it suspends or restores it; a few MiB for a small one.
    private const int CheckpointMiB = 256;

    // A thread of the guest is up to three on the host (gVisor's task, its stub and its stub's thread); gVisor ends the
    // sandbox when it meets this limit, so the worker's RLIMIT_NPROC has to be met long before.
    private const int HostThreadsPerProcess = 4;
    private const int HostThreads = 512;

    /// <summary>The walls while a sandbox boots: no processor limit, for a throttled boot helps nobody.</summary>
    public static CgroupLimits AtBoot(BootShape shape) => Of(shape.MemoryMiB, 0, shape.Processes);

    /// <summary>The walls of a leased sandbox.</summary>
    public static CgroupLimits AtLease(FunctionLimits limits) => Of(limits.MemoryMiB, limits.CpuMillis, limits.Processes);

    /// <summary>The walls while a sandbox is restored.</summary>
    public static CgroupLimits AtRestore(BootShape shape) => Of(shape.MemoryMiB + CheckpointMiB, 0, shape.Processes);

    /// <summary>The walls while its memory is written or read: gVisor needs room of its own for that, and nobody is served by a slow one.</summary>
    public static CgroupLimits AtCheckpoint(FunctionLimits limits) => Of(limits.MemoryMiB + CheckpointMiB, 0, limits.Processes);

    private static CgroupLimits Of(int memoryMiB, int cpuMillis, int processes) =>
        new((memoryMiB + (long)OverheadMiB) << 20, cpuMillis, (processes * HostThreadsPerProcess) + HostThreads);
}
