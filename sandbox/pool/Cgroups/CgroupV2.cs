namespace ToolRuntime.Sandbox.Cgroups;

/// <summary>Control groups version 2: one tree for all controllers.</summary>
internal sealed class CgroupV2 : SandboxCgroup
{
    private readonly string _folder;

    /// <summary>The group at <paramref name="folder"/>; made when it is not there.</summary>
    public CgroupV2(string folder)
    {
        _folder = folder;
        JoinFiles = [Path.Combine(folder, "cgroup.procs")];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> JoinFiles { get; }

    /// <inheritdoc/>
    protected override string MemoryFile => Path.Combine(_folder, "memory.current");

    /// <summary>Lets the groups below <paramref name="folder"/> have the controllers that limits need.</summary>
    public static void Delegate(string folder) => Write(folder, "cgroup.subtree_control", "+memory +cpu +pids");

    /// <inheritdoc/>
    public override void SetLimits(in CgroupLimits limits)
    {
        Directory.CreateDirectory(_folder);
        Write(_folder, "memory.max", limits.MemoryBytes.ToString());
        if (File.Exists(Path.Combine(_folder, "memory.swap.max")))
        {
            Write(_folder, "memory.swap.max", "0");
        }

        // One process of a sandbox ended for memory leaves the others in a state that nobody can rely on.
        Write(_folder, "memory.oom.group", "1");
        Write(_folder, "cpu.max", limits.CpuMillis == 0 ? $"max {PeriodMicros}" : $"{limits.CpuMillis * (PeriodMicros / 1000L)} {PeriodMicros}");
        Write(_folder, "pids.max", limits.Processes.ToString());
    }

    /// <inheritdoc/>
    public override long OutOfMemoryKills()
    {
        try
        {
            return ReadField(File.ReadAllText(Path.Combine(_folder, "memory.events")), "oom_kill");
        }
        catch (Exception error) when (error is DirectoryNotFoundException or FileNotFoundException)
        {
            return 0;
        }
    }

    /// <inheritdoc/>
    public override void Kill()
    {
        var file = Path.Combine(_folder, "cgroup.kill");
        if (File.Exists(file))
        {
            File.WriteAllText(file, "1");
        }
        else
        {
            base.Kill();
        }
    }
}
