using ToolRuntime.Sandbox.Native;

namespace ToolRuntime.Sandbox.Volumes;

/// <summary>
/// The file system of a volume with a quota: a sparse file of the quota's size with ext4 in it, mounted through a loop device. So a full volume
/// is a full disk (<c>ENOSPC</c>) for whoever writes, and the host's disk is never what fills.
/// </summary>
internal static class VolumeImage
{
    private const string LoopControl = "/dev/loop-control";

    /// <summary>Why quotas cannot be kept on this machine, or null.</summary>
    public static string? Lack() => File.Exists(LoopControl) ? null : $"this machine has no loop devices ({LoopControl} is missing)";

    /// <summary>Makes the file <paramref name="image"/>, which is not there yet.</summary>
    /// <exception cref="SandboxSetupException">It cannot be made.</exception>
    /// <exception cref="IOException">There is no room.</exception>
    public static async Task MakeAsync(string image, long quotaMiB, CancellationToken cancellationToken)
    {
        await using (var file = new FileStream(image, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }))
        {
            file.SetLength(quotaMiB << 20);
        }

        // No blocks that only root may fill: what writes for a sandbox is the host's root. The root folder is the sandboxes' user's.
        await new ToolCommand("mkfs.ext4", ["-q", "-F", "-m", "0", "-E", "root_owner=1000:1000,lazy_itable_init=1,lazy_journal_init=1,nodiscard", image]) { Package = "e2fsprogs" }.RunAsync(null, cancellationToken);
    }

    /// <summary>Mounts it at the existing folder <paramref name="target"/>.</summary>
    /// <exception cref="SandboxSetupException">It cannot be mounted.</exception>
    public static async Task MountAsync(string image, string target, CancellationToken cancellationToken)
    {
        // discard: what is removed inside is given back to the host's disk.
        await new ToolCommand("mount", ["-t", "ext4", "-o", "loop,nosuid,nodev,noatime,discard", image, target])
        {
            Package = "mount",
            Hint = "quotas need loop devices; volumes without one (toolruntime.volumes.quotaMiB: 0) do not",
        }.RunAsync(null, cancellationToken);
    }
}
