using System.Runtime.InteropServices;

namespace ToolRuntime.Sandbox.Agent.Native;

/// <summary>struct statx, the part that is used.</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct FileStatus
{
    [FieldOffset(20)]
    internal uint User;

    [FieldOffset(24)]
    internal uint Group;

    [FieldOffset(28)]
    internal ushort Mode;

    [FieldOffset(40)]
    internal long Size;

    [FieldOffset(112)]
    internal long ModifiedSeconds;

    [FieldOffset(120)]
    internal uint ModifiedNanoseconds;
}
