using ToolRuntime.Sandbox.Images;

namespace ToolRuntime.Sandbox.Runsc;

/// <summary>Decides what a sandbox is for gVisor: users, capabilities, file systems.</summary>
internal static class BundleWriter
{
    /// <summary>The agent's path in every sandbox.</summary>
    public const string AgentPath = "/toolrt/agent";

    private const long OpenFiles = 65_536;

    // Well above what is copied; the user's code cannot write there.
    private const int LayersMiB = 4;

    // What PID 1 needs to give its children another user, end them and keep their files in order; nothing more. The
    // bounding set is empty from the start: emptying it later would need a capability more.
    private static readonly string[] _capabilities =
        ["CAP_SETUID", "CAP_SETGID", "CAP_KILL", "CAP_CHOWN", "CAP_FOWNER", "CAP_DAC_OVERRIDE"];

    // What root inside has where the root can be written: it installs packages, whose files are several users'. It has less than PID 1, which therefore
    // stays out of its reach. gVisor does not start with CAP_SETUID or CAP_SETGID among them.
    private static readonly string[] _capabilitiesOfRoot = ["CAP_CHOWN", "CAP_FOWNER", "CAP_DAC_OVERRIDE"];

    /// <summary>The configuration of a sandbox of <paramref name="image"/> of <paramref name="shape"/>. With nothing of the host bound in, gVisor starts no process for the host's files.</summary>
    public static OciSpec Create(SandboxImage image, HostFolders folders, RootShape shape)
    {
        var isReadOnly = image.Recipe.Root == ImageRoot.ReadOnly;
        var isRootReadOnly = isReadOnly && !shape.HasVolumes;
        var process = new OciProcess(
            new OciUser(0, 0),
            [AgentPath],
            image.Recipe.Variables(),
            "/",
            new OciCapabilities([], _capabilities, _capabilities, isReadOnly ? [] : _capabilitiesOfRoot),
            [new OciLimit("RLIMIT_NOFILE", OpenFiles, OpenFiles), new OciLimit("RLIMIT_CORE", 0, 0)],
            NoNewPrivileges: true);
        List<OciMount> mounts = [new("/proc", "proc", "proc", ["nosuid", "noexec", "nodev"])];
        mounts.Add(Scratch("/dev/shm", shape.ScratchMiB, "mode=1777"));
        if (isReadOnly)
        {
            mounts.Add(Scratch("/tmp", shape.ScratchMiB, "mode=1777"));
            mounts.Add(Scratch("/run", shape.ScratchMiB, "mode=755"));
            mounts.Add(Scratch("/home/user", shape.ScratchMiB, "mode=755", "uid=1000", "gid=1000"));
        }

        if (image.BindsTools)
        {
            mounts.Add(new OciMount("/toolrt", "bind", folders.Tools, ["rbind", "ro"]));
        }

        mounts.Add(shape.CopiesLayers
            ? Scratch("/layers", LayersMiB, "mode=755")
            : new OciMount("/layers", "bind", folders.Layers, ["rbind", "ro"]));
        if (shape.HasVolumes)
        {
            mounts.Add(new OciMount("/volumes", "bind", folders.Volumes, ["rbind", "rw"]));
        }

        mounts.AddRange(image.Recipe.HostFolders.Select(entry => new OciMount(entry.Key, "bind", Resolve(entry.Value, folders), ["rbind", "ro"])));
        return new OciSpec(
            "1.0.2",
            process,
            new OciRoot(image.RootFolder, isRootReadOnly),
            "sandbox",
            mounts,
            new OciLinux([new("pid"), new("ipc"), new("uts"), new("mount")]))
        {
            Annotations = image.PackedRoot is { } packed ? PackedAnnotations(packed, isRootReadOnly) : null,
        };
    }

    private static Dictionary<string, string> PackedAnnotations(string file, bool isReadOnly)
    {
        var annotations = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["dev.gvisor.spec.rootfs.type"] = "erofs",
            ["dev.gvisor.spec.rootfs.source"] = file,
        };
        if (!isReadOnly)
        {
            annotations["dev.gvisor.spec.rootfs.overlay"] = "memory";
        }

        return annotations;
    }

    private static OciMount Scratch(string path, int sizeMiB, params string[] more) =>
        new(path, "tmpfs", "tmpfs", ["nosuid", "nodev", $"size={sizeMiB}m", .. more]);

    private static string Resolve(HostFolder folder, HostFolders folders) => folder switch
    {
        HostFolder.Dotnet => folders.Dotnet,
        _ => throw new InvalidOperationException($"unknown host folder {folder}"),
    };
}
