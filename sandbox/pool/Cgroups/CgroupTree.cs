using ToolRuntime.Sandbox.Native;

namespace ToolRuntime.Sandbox.Cgroups;

/// <summary>The control groups of one instance: a group of its own at the top, one below it for each sandbox.</summary>
internal sealed class CgroupTree
{
    private const string Top = "toolrt";
    private const string MountHint = "mount control groups with the memory, cpu and pids controllers";
    private readonly string _path;
    private readonly string? _unified;
    private readonly CgroupV1Mounts? _mounts;

    private CgroupTree(string instance, string? unified, CgroupV1Mounts? mounts)
    {
        _path = Path.Combine(Top, instance);
        _unified = unified;
        _mounts = mounts;
    }

    /// <summary>1 or 2.</summary>
    public int Version => _unified is null ? 1 : 2;

    /// <summary>Finds the machine's controllers.</summary>
    /// <param name="instance">Name of this instance's group.</param>
    /// <param name="mountInfo">Text of <c>/proc/self/mountinfo</c>.</param>
    /// <exception cref="SandboxSetupException">A controller is missing.</exception>
    public static CgroupTree Detect(string instance, string mountInfo)
    {
        var memory = Controller(mountInfo, "memory");
        var cpu = Controller(mountInfo, "cpu");
        var pids = Controller(mountInfo, "pids");
        if (memory is not null && cpu is not null && pids is not null)
        {
            return new CgroupTree(instance, null, new CgroupV1Mounts(memory, cpu, pids));
        }

        var unified = MountInfo.Points(mountInfo).FirstOrDefault(point => point.Type == "cgroup2").Point
            ?? throw new SandboxSetupException("no control groups are mounted", MountHint);
        return new CgroupTree(instance, unified, null);
    }

    /// <summary>Makes the instance's own group ready to hold sandboxes.</summary>
    /// <exception cref="SandboxSetupException">The control groups cannot be written.</exception>
    public void Prepare()
    {
        try
        {
            if (_unified is null)
            {
                foreach (var folder in Folders())
                {
                    Directory.CreateDirectory(folder);
                }

                return;
            }

            var own = Path.Combine(_unified, _path);
            Directory.CreateDirectory(own);
            CgroupV2.Delegate(_unified);
            CgroupV2.Delegate(Path.Combine(_unified, Top));
            CgroupV2.Delegate(own);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new SandboxSetupException($"control groups cannot be written: {error.Message}", "run as root, with a writable cgroup file system", error);
        }
    }

    /// <summary>The groups of the sandbox <paramref name="id"/>.</summary>
    public SandboxCgroup For(string id) =>
        _unified is null ? new CgroupV1(_mounts!, Path.Combine(_path, id)) : new CgroupV2(Path.Combine(_unified, _path, id));

    /// <summary>Ends all that runs in groups of this instance and removes them, its own group too. Returns how many sandboxes there were.</summary>
    public async Task<int> SweepAsync(TimeProvider time)
    {
        var ids = Folders()
            .Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateDirectories(folder))
            .Select(folder => Path.GetFileName(folder))
            .Distinct(StringComparer.Ordinal)
            .ToList();
        await Task.WhenAll(ids.Select(id => For(id).RemoveAsync(time)));
        RemoveOwn();
        return ids.Count;
    }

    /// <summary>Removes the instance's own group, which must be empty.</summary>
    public void RemoveOwn()
    {
        foreach (var folder in Folders().Where(Directory.Exists))
        {
            Directory.Delete(folder);
        }
    }

    private IEnumerable<string> Folders() => _unified is null
        ? new[] { _mounts!.Memory, _mounts.Cpu, _mounts.Pids }.Distinct(StringComparer.Ordinal).Select(mount => Path.Combine(mount, _path))
        : [Path.Combine(_unified, _path)];

    private static string? Controller(string mountInfo, string name) =>
        MountInfo.Points(mountInfo).FirstOrDefault(point => point.Type == "cgroup" && point.Options.Split(',').Contains(name)).Point;
}
