namespace ToolRuntime.Sandbox.Agent.Sockets;

/// <summary>A number of places; who finds none waits. Never disposed, unlike a semaphore: its users run until the agent's last moment.</summary>
internal sealed class Places(int free)
{
    private readonly object _gate = new();
    private int _free = free;

    internal void Take()
    {
        lock (_gate)
        {
            while (_free == 0)
            {
                Monitor.Wait(_gate);
            }

            _free--;
        }
    }

    internal void Give()
    {
        lock (_gate)
        {
            _free++;
            Monitor.Pulse(_gate);
        }
    }
}
