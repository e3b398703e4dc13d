using ToolRuntime.Sandbox;
using ToolRuntime.Sandbox.Cgroups;
using ToolRuntime.Sandbox.Native;

namespace ToolRuntime.Tests.Unit.Sandbox;

public sealed class CgroupTests : IDisposable
{
    private const string Version1 = """
        31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
        32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct
        35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
        39 31 0:36 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids
        41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
        """;

    private const string Version2 = "29 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate";
    private readonly string _folder = Directory.CreateTempSubdirectory("toolrt-cgroup-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void TheMachinesVersionIsFoundFromItsMounts()
    {
        Assert.Equal(1, CgroupTree.Detect("x", Version1).Version);
        Assert.Equal(2, CgroupTree.Detect("x", Version2).Version);
        Assert.Throws<SandboxSetupException>(() => CgroupTree.Detect("x", "22 27 0:21 / /proc rw - proc proc rw"));
    }

    [Fact]
    public void Version1LimitsStandInTheirFiles()
    {
        var cgroup = new CgroupV1(new CgroupV1Mounts(Sub("memory"), Sub("cpu"), Sub("pids")), "toolrt/a/b");

        cgroup.SetLimits(new CgroupLimits(1 << 20, 250, 99));

        Assert.Equal("1048576", Read("memory/toolrt/a/b/memory.limit_in_bytes"));
        Assert.Equal("25000", Read("cpu/toolrt/a/b/cpu.cfs_quota_us"));
        Assert.Equal("99", Read("pids/toolrt/a/b/pids.max"));
        cgroup.SetLimits(new CgroupLimits(2 << 20, 0, 99));
        Assert.Equal("-1", Read("cpu/toolrt/a/b/cpu.cfs_quota_us"));
    }

    [Fact]
    public void Version2LimitsStandInTheirFiles()
    {
        var cgroup = new CgroupV2(Path.Combine(_folder, "b"));

        cgroup.SetLimits(new CgroupLimits(1 << 20, 1500, 99));

        Assert.Equal("1048576", Read("b/memory.max"));
        Assert.Equal("1", Read("b/memory.oom.group"));
        Assert.Equal("150000 100000", Read("b/cpu.max"));
        Assert.Equal("99", Read("b/pids.max"));
        cgroup.SetLimits(new CgroupLimits(1 << 20, 0, 99));
        Assert.Equal("max 100000", Read("b/cpu.max"));
    }

    [Fact]
    public void KillsForMemoryAreCountedInBothVersions()
    {
        var second = new CgroupV2(Sub("b"));
        File.WriteAllText(Path.Combine(_folder, "b", "memory.events"), "low 0\noom 3\noom_kill 2\n");
        Assert.Equal(2, second.OutOfMemoryKills());

        var first = new CgroupV1(new CgroupV1Mounts(Sub("memory"), Sub("cpu"), Sub("pids")), "c");
        Assert.Equal(0, first.OutOfMemoryKills());
        Sub("memory/c");
        File.WriteAllText(Path.Combine(_folder, "memory", "c", "memory.oom_control"), "oom_kill_disable 0\nunder_oom 0\noom_kill 1\n");
        Assert.Equal(1, first.OutOfMemoryKills());
    }

    [Fact]
    public void Version2EndsAllAtOnceByTheKernel()
    {
        var cgroup = new CgroupV2(Sub("b"));
        File.WriteAllText(Path.Combine(_folder, "b", "cgroup.kill"), "");

        cgroup.Kill();

        Assert.Equal("1", Read("b/cgroup.kill"));
    }

    [Fact]
    public void MountsAreListedLastFirstAndOnlyBelowTheFolder()
    {
        const string Text = """
            50 27 254:0 /x /work/layers rw shared:1 - ext4 /dev/vda rw
            51 50 254:0 /y /work/layers/a/code ro shared:1 - ext4 /dev/vda rw
            52 27 254:0 /z /work/layers2 ro - ext4 /dev/vda rw
            53 50 254:0 /y /work/layers/a\040b ro - ext4 /dev/vda rw
            """;

        Assert.Equal(["/work/layers/a b", "/work/layers/a/code", "/work/layers"], MountInfo.Below(Text, "/work/layers"));
    }

    private string Sub(string name) => Directory.CreateDirectory(Path.Combine(_folder, name)).FullName;

    private string Read(string name) => File.ReadAllText(Path.Combine(_folder, name));
}
