using ToolRuntime.Sandbox.Cgroups;
using ToolRuntime.Sandbox.Images;
using ToolRuntime.Sandbox.Native;
using ToolRuntime.Sandbox.Runsc;

namespace ToolRuntime.Sandbox.Checks;

/// <summary>Looks at whether this machine can run sandboxes, and says how to mend what is wrong.</summary>
public static class SandboxDoctor
{
    private const long LeastFree = 2L << 30;
    private const string BaseImage = "base";
    private static readonly string[] _tools = ["mmdebstrap", "mkfs.erofs", "apt-get", "dpkg", "npm"];

    /// <summary>Checks this machine. Starts no sandbox and fetches nothing.</summary>
    public static async ValueTask<IReadOnlyList<SandboxCheck>> CheckAsync(SandboxOptions options, CancellationToken cancellationToken) =>
        Judge(await GatherAsync(options, cancellationToken));

    /// <summary>What to make of <paramref name="facts"/>.</summary>
    internal static IReadOnlyList<SandboxCheck> Judge(MachineFacts facts) =>
    [
        facts.IsRoot
            ? Ok("user", "root")
            : Failed("user", "not root: mounts and control groups need it", "run toolrt as root"),
        JudgeRunsc(facts.Runsc),
        Ok("platform", facts.Platform),
        JudgeCgroups(facts),
        facts.MountFailure is null
            ? Ok("mounts", "bind mounts can be shared with sandboxes")
            : Failed("mounts", facts.MountFailure, "run toolrt as root, outside of a container that forbids mounts"),
        JudgeTools(facts),
        facts.FreeBytes >= LeastFree
            ? Ok("disk", $"{facts.FreeBytes >> 20} MiB free in the cache folder")
            : Failed("disk", $"only {facts.FreeBytes >> 20} MiB free in the cache folder", $"free at least {LeastFree >> 20} MiB or set TOOLRT_CACHE to another disk"),
    ];

    private static SandboxCheck JudgeRunsc(RunscBinary? runsc) => runsc switch
    {
        null => Warning("runsc", "not on this machine yet", "the first start fetches it from Debian's backports"),
        { IsNewEnough: true } => Ok("runsc", $"release {runsc.Release}, {runsc.Path}"),
        _ => Warning(
            "runsc",
            $"release {runsc.Release} is older than {RunscBinary.WantedRelease}; it cannot do: {string.Join(", ", runsc.Shortcomings)}",
            "the first start fetches a newer one from Debian's backports where it can"),
    };

    private static SandboxCheck JudgeCgroups(MachineFacts facts) => facts switch
    {
        { CgroupVersion: 0 } => Failed("control groups", "the memory, cpu or pids controller is missing", "mount control groups with these controllers"),
        { CgroupIsWritable: false } => Failed("control groups", $"version {facts.CgroupVersion} cannot be written", "run as root, with a writable cgroup file system"),
        { CgroupVersion: 2 } => Warning("control groups", "version 2: supported, but not tested on real machines", null),
        _ => Ok("control groups", $"version {facts.CgroupVersion}, writable"),
    };

    private static SandboxCheck JudgeTools(MachineFacts facts) => facts switch
    {
        { MissingTools: [] } => Ok("image tools", facts.BaseImageIsBuilt ? "all there, base image built" : "all there, base image not built yet"),
        { BaseImageIsBuilt: true } => Warning("image tools", $"missing: {string.Join(", ", facts.MissingTools)}; the base image is built already", Install(facts)),
        _ => Failed("image tools", $"missing: {string.Join(", ", facts.MissingTools)}", Install(facts)),
    };

    private static string Install(MachineFacts facts) => $"apt-get install {string.Join(' ', facts.MissingTools.Select(tool => tool == "mkfs.erofs" ? "erofs-utils" : tool))}";

    private static SandboxCheck Ok(string name, string message) => new(name, CheckOutcome.Ok, message);

    private static SandboxCheck Warning(string name, string message, string? mend) => new(name, CheckOutcome.Warning, message, mend);

    private static SandboxCheck Failed(string name, string message, string mend) => new(name, CheckOutcome.Failed, message, mend);

    private static async ValueTask<MachineFacts> GatherAsync(SandboxOptions options, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(options.CacheFolder);
        var runsc = await RunscLocator.FindAsync(options, cancellationToken);
        var (version, isWritable) = ProbeCgroups();
        return new MachineFacts
        {
            IsRoot = Libc.EffectiveUser() == 0,
            Runsc = runsc,
            Platform = options.Platform,
            CgroupVersion = version,
            CgroupIsWritable = isWritable,
            MountFailure = ProbeMounts(options.CacheFolder),
            MissingTools = [.. _tools.Where(tool => !IsOnPath(tool))],
            BaseImageIsBuilt = IsBuilt(options),
            FreeBytes = new DriveInfo(options.CacheFolder).AvailableFreeSpace,
        };
    }

    private static (int Version, bool IsWritable) ProbeCgroups()
    {
        CgroupTree tree;
        try
        {
            tree = CgroupTree.Detect("doctor" + Environment.ProcessId, File.ReadAllText("/proc/self/mountinfo"));
        }
        catch (SandboxSetupException)
        {
            return (0, false);
        }

        try
        {
            tree.Prepare();
            tree.RemoveOwn();
            return (tree.Version, true);
        }
        catch (SandboxSetupException)
        {
            return (tree.Version, false);
        }
    }

    private static string? ProbeMounts(string cacheFolder)
    {
        var folder = Path.Combine(cacheFolder, $".doctor-{Environment.ProcessId}");
        Directory.CreateDirectory(folder);
        try
        {
            Mounts.MakeShared(folder);
            return null;
        }
        catch (IOException error)
        {
            return error.Message;
        }
        finally
        {
            Mounts.DeleteFolder(folder);
        }
    }

    private static bool IsOnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));

    private static bool IsBuilt(SandboxOptions options)
    {
        try
        {
            using var images = new ImageStore(options.RecipeFolder, options.CacheFolder, TimeProvider.System) { KernelFolder = options.KernelFolder };
            return images.IsBuilt(BaseImage);
        }
        catch (SandboxSetupException)
        {
            return false;
        }
    }
}
