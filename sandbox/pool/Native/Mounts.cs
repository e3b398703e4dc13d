using System.ComponentModel;
using System.Runtime.InteropServices;

namespace ToolRuntime.Sandbox.Native;

/// <summary>Bind mounts of the host. A mount of ours is read-only from the moment it exists: remounting later would leave writable copies in sandboxes that already run.</summary>
internal static class Mounts
{
    private const long OpenTreeCall = 428;
    private const long MoveMountCall = 429;
    private const long MountSetAttributesCall = 442;
    private const int CurrentFolder = -100;
    private const uint TreeClone = 1;
    private const uint EmptyPath = 0x1000;
    private const uint MoveFromEmptyPath = 4;
    private const ulong ReadOnly = 1;
    private const ulong NoSetUser = 2;
    private const ulong NoDevices = 4;

    /// <summary>Makes <paramref name="folder"/> a mount point of its own whose later mounts are seen in sandboxes that have it bound.</summary>
    public static void MakeShared(string folder)
    {
        Check(Libc.Mount(folder, folder, null, Libc.MountBind, null), "bind", folder);
        Check(Libc.Mount(null, folder, null, Libc.MountShared, null), "share", folder);
    }

    /// <summary>Shows <paramref name="source"/> at <paramref name="target"/>, through which nothing of its own can be written; later mounts there are seen in sandboxes that have it bound.</summary>
    public static void MakeShared(string source, string target)
    {
        Bind(source, target, isReadOnly: true);
        Check(Libc.Mount(null, target, null, Libc.MountShared, null), "share", target);
    }

    /// <summary>Binds <paramref name="source"/> read-only, without devices and set-user-id programs, at the existing folder <paramref name="target"/>.</summary>
    public static void BindReadOnly(string source, string target) => Bind(source, target, isReadOnly: true);

    /// <summary>Binds <paramref name="source"/>, without devices and set-user-id programs, at the existing folder <paramref name="target"/>.</summary>
    public static void Bind(string source, string target, bool isReadOnly)
    {
        var tree = Libc.OpenTree(OpenTreeCall, CurrentFolder, source, TreeClone | Libc.OpenCloseOnExec);
        Check(tree, "clone", source);
        try
        {
            var attributes = new Libc.MountAttributes { Set = (isReadOnly ? ReadOnly : 0) | NoSetUser | NoDevices };
            var size = (nuint)Marshal.SizeOf<Libc.MountAttributes>();
            Check(Libc.MountSetAttributes(MountSetAttributesCall, tree, "", EmptyPath, in attributes, size), "restrict", source);
            Check(Libc.MoveMount(MoveMountCall, tree, "", CurrentFolder, target, MoveFromEmptyPath), "mount", target);
        }
        finally
        {
            _ = Libc.Close(tree);
        }
    }

    /// <summary>Unmounts <paramref name="target"/>, at once in name and as soon as unused in fact; false when nothing was mounted there.</summary>
    public static bool TryUnmount(string target)
    {
        if (Libc.Unmount(target, Libc.UnmountDetach | Libc.UnmountNoFollow) == 0)
        {
            return true;
        }

        var error = Marshal.GetLastPInvokeError();
        return error is Libc.ErrorInvalid or Libc.ErrorNoEntry ? false : throw Failure("unmount", target, error);
    }

    /// <summary>Unmounts everything at and below <paramref name="folder"/>.</summary>
    /// <exception cref="IOException">Something stays mounted.</exception>
    public static void UnmountBelow(string folder)
    {
        foreach (var point in Below(folder))
        {
            TryUnmount(point);
        }

        if (Below(folder) is [var left, ..])
        {
            throw new IOException($"{left} cannot be unmounted");
        }
    }

    /// <summary>Deletes <paramref name="folder"/> with its content, but never through a mount into what is mounted there.</summary>
    /// <exception cref="IOException">Something stays mounted below it; nothing was deleted.</exception>
    public static void DeleteFolder(string folder)
    {
        if (Directory.Exists(folder))
        {
            UnmountBelow(folder);
            Directory.Delete(folder, recursive: true);
        }
    }

    private static IReadOnlyList<string> Below(string folder) =>
        MountInfo.Below(File.ReadAllText("/proc/self/mountinfo"), folder);

    private static void Check(int result, string what, string path)
    {
        if (result < 0)
        {
            throw Failure(what, path, Marshal.GetLastPInvokeError());
        }
    }

    private static IOException Failure(string what, string path, int error) =>
        new($"cannot {what} {path}: {new Win32Exception(error).Message}");
}
