using System.Runtime.InteropServices;

namespace ToolRuntime.Sandbox.Agent.Native;

/// <summary>pollfd.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PollDescriptor
{
    internal const short In = 1;
    internal const short Out = 4;

    internal int Descriptor;
    internal short Events;
    internal short Returned;
}
