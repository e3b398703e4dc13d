using System.Runtime.InteropServices;

namespace ToolRuntime.Sandbox.Agent.Native;

/// <summary>siginfo_t as waitid fills it.</summary>
[StructLayout(LayoutKind.Explicit, Size = 128)]
internal struct SignalInfo
{
    [FieldOffset(16)]
    internal int ProcessId;
}
