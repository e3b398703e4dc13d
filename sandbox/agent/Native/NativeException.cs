using System.Runtime.InteropServices;

namespace ToolRuntime.Sandbox.Agent.Native;

/// <summary>A system call that failed: what was tried, and the kernel's answer.</summary>
internal sealed class NativeException(string what, int error) : Exception($"{what}: {Marshal.GetPInvokeErrorMessage(error)} (errno {error}).")
{
    internal int Error { get; } = error;
}
