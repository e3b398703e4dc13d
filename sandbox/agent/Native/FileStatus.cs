using System.Runtime.InteropServices;

namespace ToolRuntime.Sandbox.Agent.Native;

/// <summary>struct statx, the part that is used.</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct FileStatus
{
    [FieldOffset(16)]
    internal uint Links;

    [FieldOffset(20)]
    internal uint User;

    [FieldOffset(24)]
    internal uint Group;

    [FieldOffset(28)]
    internal ushort Mode;

    [FieldOffset(32)]
    internal ulong Inode;

    [FieldOffset(40)]
    internal long Size;

    [FieldOffset(96)]
    internal long ChangedSeconds;

    [FieldOffset(104)]
    internal uint ChangedNanoseconds;

    [FieldOffset(112)]
    internal long ModifiedSeconds;

    [FieldOffset(120)]
    internal uint ModifiedNanoseconds;

    [FieldOffset(136)]
    internal uint DeviceMajor;

    [FieldOffset(140)]
    internal uint DeviceMinor;
}
