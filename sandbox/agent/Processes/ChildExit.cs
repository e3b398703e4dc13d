namespace ToolRuntime.Sandbox.Agent.Processes;

/// <summary>How a process ended, as the host is told: its exit code, or 128 + signal.</summary>
internal readonly record struct ChildExit(int Code, int Signal)
{
    internal static ChildExit FromStatus(int status)
    {
        var signal = status & 0x7f;
        return signal == 0 ? new ChildExit((status >> 8) & 0xff, 0) : new ChildExit(128 + signal, signal);
    }
}
