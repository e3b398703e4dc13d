namespace ToolRuntime.Sandbox.Agent.Processes;

/// <summary>Dedicated threads: they block in the kernel, which a pool's must not.</summary>
internal static class AgentThread
{
    private const int StackSize = 256 * 1024;

    internal static void Start(string name, Action action) =>
        new Thread(() => action(), StackSize) { IsBackground = true, Name = name }.Start();
}
