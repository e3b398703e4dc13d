using System.Runtime.InteropServices;

namespace ToolRuntime.Sandbox.Agent.Native;

/// <summary>struct toolrt_spawn of spawn.c.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct SpawnBlock
{
    internal byte* Path;
    internal byte** Arguments;
    internal byte** Environment;
    internal byte* Folder;
    internal int* Descriptors;
    internal fixed long Limits[4];
    internal int DescriptorCount;
    internal int User;
    internal int Group;
    internal int Terminal;
    internal int Step;
    internal int Error;
}
