namespace ToolRuntime.Sandbox.Cgroups;

/// <summary>Control groups version 1: memory, cpu and pids each have their own tree.</summary>
internal sealed class CgroupV1 : SandboxCgroup
{
    private readonly string _memory;
    private readonly string _cpu;
    private readonly string _pids;

    /// <summary>The group <paramref name="path"/> below each controller's mount point; made when it is not there.</summary>
    public CgroupV1(CgroupV1Mounts mounts, string path)
    {
        _memory = Path.Combine(mounts.Memory, path);
        _cpu = Path.Combine(mounts.Cpu, path);
        _pids = Path.Combine(mounts.Pids, path);
        JoinFiles = [Path.Combine(_memory, "cgroup.procs"), Path.Combine(_cpu, "cgroup.procs"), Path.Combine(_pids, "cgroup.procs")];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> JoinFiles { get; }

    /// <inheritdoc/>
    protected override string MemoryFile => Path.Combine(_memory, "memory.usage_in_bytes");

    /// <inheritdoc/>
    public override void SetLimits(in CgroupLimits limits)
    {
        Directory.CreateDirectory(_memory);
        Directory.CreateDirectory(_cpu);
        Directory.CreateDirectory(_pids);

        // The kernel wants memory <= memory with swap at every moment, so the latter is opened while the former moves.
        var hasSwapLimit = File.Exists(Path.Combine(_memory, "memory.memsw.limit_in_bytes"));
        if (hasSwapLimit)
        {
            Write(_memory, "memory.memsw.limit_in_bytes", "-1");
        }

        Write(_memory, "memory.limit_in_bytes", limits.MemoryBytes.ToString());
        if (hasSwapLimit)
        {
            Write(_memory, "memory.memsw.limit_in_bytes", limits.MemoryBytes.ToString());
        }

        Write(_cpu, "cpu.cfs_period_us", PeriodMicros.ToString());
        Write(_cpu, "cpu.cfs_quota_us", limits.CpuMillis == 0 ? "-1" : (limits.CpuMillis * (PeriodMicros / 1000L)).ToString());
        Write(_pids, "pids.max", limits.Processes.ToString());
    }

    /// <inheritdoc/>
    public override long OutOfMemoryKills()
    {
        try
        {
            return ReadField(File.ReadAllText(Path.Combine(_memory, "memory.oom_control")), "oom_kill");
        }
        catch (Exception error) when (error is DirectoryNotFoundException or FileNotFoundException)
        {
            return 0;
        }
    }
}
