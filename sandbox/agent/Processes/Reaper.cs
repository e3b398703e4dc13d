using ToolRuntime.Sandbox.Agent.Native;

namespace ToolRuntime.Sandbox.Agent.Processes;

/// <summary>Starts children and waits for them and, as PID 1, for every orphan.</summary>
internal sealed unsafe class Reaper
{
    private const int AnyChild = 0;
    private const int Exited = 4;
    private const int LeaveIt = 0x01000000;
    private const int BecomeSubreaper = 36;
    private const int KillSignal = 9;
    private const int NotStarted = 127;
    private readonly object _gate = new();
    private readonly Dictionary<int, Child> _children = [];
    private int _starts;

    internal void Start()
    {
        // Refused by old kernels only; then orphans go to the machine's init, as they would without it.
        _ = Libc.ProcessControl(BecomeSubreaper, 1, 0, 0, 0);
        AgentThread.Start("reaper", Run);
    }

    /// <summary>Starts a child; its exit is told to it, however soon.</summary>
    internal void Start(Child child, SpawnPlan plan)
    {
        lock (_gate)
        {
            try
            {
                child.Pid = Spawner.Start(plan);
            }
            catch (NativeException)
            {
                child.OnExit(new ChildExit(NotStarted, 0));
                throw;
            }
            finally
            {
                _starts++;
                Monitor.PulseAll(_gate);
            }

            _children.Add(child.Pid, child);
        }
    }

    /// <summary>Signals every group that was started here.</summary>
    internal void SignalAll(int signal)
    {
        lock (_gate)
        {
            foreach (var process in _children.Keys)
            {
                _ = Libc.Kill(-process, signal);
            }
        }
    }

    private void Run()
    {
        while (true)
        {
            var starts = Volatile.Read(ref _starts);
            SignalInfo info;
            if (Libc.WaitId(AnyChild, 0, &info, Exited | LeaveIt) == 0)
            {
                Reap(info.ProcessId);
            }
            else if (NativeError.Last == NativeError.NoChildren)
            {
                WaitForStart(starts);
            }
        }
    }

    private void WaitForStart(int seen)
    {
        lock (_gate)
        {
            while (_starts == seen)
            {
                Monitor.Wait(_gate);
            }
        }
    }

    /// <summary>The group is ended before the process id is given back to the kernel, so that no other group can be meant.</summary>
    private void Reap(int process)
    {
        Child? child;
        int status;
        lock (_gate)
        {
            if (_children.Remove(process, out child) && child.EndsGroup)
            {
                _ = Libc.Kill(-process, KillSignal);
            }

            _ = Libc.WaitPid(process, &status, 0);
        }

        child?.OnExit(ChildExit.FromStatus(status));
    }
}
