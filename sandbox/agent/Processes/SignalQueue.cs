namespace ToolRuntime.Sandbox.Agent.Processes;

/// <summary>Signals to one process, one after the other: each looks for the process's tree, which the channel's thread must not wait for.</summary>
internal sealed class SignalQueue(ManagedProcess process)
{
    private const int MostWaiting = 64;
    private readonly Lock _sending = new();
    private readonly Lock _gate = new();
    private readonly Queue<int> _waiting = new();
    private bool _running;

    internal bool Send(int signal)
    {
        lock (_sending)
        {
            return !process.HasEnded && ProcessTree.Signal(process.Pid, signal);
        }
    }

    /// <summary>Drops it where many wait already: a process is not signalled faster than its tree can be found.</summary>
    internal void Enqueue(int signal)
    {
        lock (_gate)
        {
            if (_waiting.Count == MostWaiting)
            {
                return;
            }

            _waiting.Enqueue(signal);
            if (_running)
            {
                return;
            }

            _running = true;
        }

        AgentThread.Start("signals", Run);
    }

    private void Run()
    {
        while (true)
        {
            int signal;
            lock (_gate)
            {
                if (!_waiting.TryDequeue(out signal))
                {
                    _running = false;
                    return;
                }
            }

            Send(signal);
        }
    }
}
