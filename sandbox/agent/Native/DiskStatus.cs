using System.Runtime.InteropServices;

namespace ToolRuntime.Sandbox.Agent.Native;

/// <summary>struct statvfs, the part that is used.</summary>
[StructLayout(LayoutKind.Explicit, Size = 128)]
internal struct DiskStatus
{
    [FieldOffset(8)]
    internal long BlockSize;

    [FieldOffset(16)]
    internal long Blocks;

    [FieldOffset(24)]
    internal long FreeBlocks;
}
