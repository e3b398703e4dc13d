using System.Buffers.Binary;
using System.Globalization;
using System.Text;

using Microsoft.Win32.SafeHandles;

using ToolRuntime.Sandbox.Native;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Sandbox.Volumes;

/// <summary>Describes files by the kernel's <c>statx</c>, which is the same on every processor.</summary>
internal static unsafe class VolumeEntry
{
    public const string File = "file";
    public const string Folder = "folder";
    public const string Link = "link";
    private const int StatusSize = 256;
    private const int NoFollow = 0x100;
    private const int EmptyPath = 0x1000;
    private const uint Basic = 0x7FF;
    private const int LongestLink = 4096;

    /// <summary>The type of what is open.</summary>
    public static string TypeOf(SafeFileHandle handle, string path)
    {
        Span<byte> status = stackalloc byte[StatusSize];
        Read(handle, "", EmptyPath, path, status);
        return TypeOf(status);
    }

    /// <summary>Describes <paramref name="name"/> in a folder, or the folder where that is empty.</summary>
    /// <exception cref="VolumeException">There is nothing of that name.</exception>
    public static AgentFile Describe(SafeFileHandle folder, string name, string shown, string path)
    {
        Span<byte> status = stackalloc byte[StatusSize];
        Read(folder, name, name.Length == 0 ? EmptyPath : NoFollow, path, status);
        var (uid, gid) = (BinaryPrimitives.ReadInt32LittleEndian(status[20..]), BinaryPrimitives.ReadInt32LittleEndian(status[24..]));
        var type = TypeOf(status);
        return new AgentFile(shown, type, BinaryPrimitives.ReadInt64LittleEndian(status[40..]), BinaryPrimitives.ReadUInt16LittleEndian(status[28..]) & 0xFFF, Milliseconds(status[112..]), uid, gid, type == Link ? TargetOf(folder, name) : null)
        {
            Path = "/" + path.TrimStart('/'),
            Owner = uid.ToString(CultureInfo.InvariantCulture),
            Group = gid.ToString(CultureInfo.InvariantCulture),
            AccessedMs = Milliseconds(status[64..]),
            ChangedMs = Milliseconds(status[96..]),
        };
    }

    private static void Read(SafeFileHandle folder, string name, int flags, string path, Span<byte> status)
    {
        fixed (byte* into = status)
        {
            VolumeTree.Check(Libc.Status(VolumeTree.Number(folder), name, flags, Basic, into), $"look at {path}");
        }
    }

    private static string TypeOf(ReadOnlySpan<byte> status) => (BinaryPrimitives.ReadUInt16LittleEndian(status[28..]) & 0xF000) switch
    {
        0x8000 => File,
        0x4000 => Folder,
        0xA000 => Link,
        _ => "other",
    };

    private static long Milliseconds(ReadOnlySpan<byte> moment) =>
        (BinaryPrimitives.ReadInt64LittleEndian(moment) * 1000) + (BinaryPrimitives.ReadUInt32LittleEndian(moment[8..]) / 1_000_000);

    private static string? TargetOf(SafeFileHandle folder, string name)
    {
        var buffer = stackalloc byte[LongestLink];
        var length = Libc.ReadLinkAt(VolumeTree.Number(folder), name, buffer, LongestLink);
        return length < 0 ? null : Encoding.UTF8.GetString(buffer, (int)length);
    }
}
