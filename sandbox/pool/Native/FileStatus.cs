using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ToolRuntime.Sandbox.Native;

/// <summary>What the kernel says of a file; of a link, and not of what it leads to.</summary>
/// <param name="Mode">Type and permissions, as in <c>st_mode</c>.</param>
/// <param name="User">Its owner.</param>
/// <param name="Group">Its group.</param>
/// <param name="Links">How many names it has.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Modified">Seconds since 1970.</param>
/// <param name="Node">Which file of the machine it is: device and inode.</param>
internal readonly record struct FileStatus(ushort Mode, uint User, uint Group, uint Links, long Size, long Modified, (ulong Device, ulong Inode) Node)
{
    private const int Length = 256;
    private const int NoFollow = 0x100;
    private const uint Basic = 0x7FF;

    /// <summary>The type, as in <c>S_IFMT</c>.</summary>
    public int Type => Mode & 0xF000;

    /// <summary>The permissions, with set-user, set-group and sticky.</summary>
    public uint Permissions => (uint)Mode & 0xFFF;

    /// <summary>Looks at a file.</summary>
    /// <exception cref="IOException">There is none.</exception>
    public static unsafe FileStatus Of(string path)
    {
        // struct statx, the same on every processor.
        var status = stackalloc byte[Length];
        if (Libc.Status(Libc.CurrentFolder, path, NoFollow, Basic, status) < 0)
        {
            throw new IOException($"cannot look at {path}: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
        }

        return new FileStatus(
            At<ushort>(status, 28), At<uint>(status, 20), At<uint>(status, 24), At<uint>(status, 16), At<long>(status, 40), At<long>(status, 112),
            (((ulong)At<uint>(status, 136) << 32) | At<uint>(status, 140), At<ulong>(status, 32)));
    }

    private static unsafe T At<T>(byte* status, int offset)
        where T : unmanaged => Unsafe.ReadUnaligned<T>(status + offset);
}
