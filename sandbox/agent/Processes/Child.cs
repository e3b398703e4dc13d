using ToolRuntime.Sandbox.Agent.Native;

namespace ToolRuntime.Sandbox.Agent.Processes;

/// <summary>A process that was started here.</summary>
internal class Child
{
    private readonly object _gate = new();
    private int _exitEvent = NativeError.Check(Libc.EventFd(0, Descriptors.CloseOnExec), "eventfd");
    private int _borrowers = 1;
    private ChildExit? _exit;

    /// <summary>Its process id; also of its session and process group.</summary>
    internal int Pid { get; set; }

    internal bool HasEnded
    {
        get
        {
            lock (_gate)
            {
                return _exit is not null;
            }
        }
    }

    /// <summary>Whether its whole group ends with it.</summary>
    internal virtual bool EndsGroup => false;

    /// <summary>A descriptor that becomes readable, and stays so, when the child has ended; for poll beside its pipes.</summary>
    /// <returns>It, or -1 when the child has ended and nobody else uses it.</returns>
    internal int BorrowExitEvent()
    {
        lock (_gate)
        {
            _borrowers++;
            return _exitEvent;
        }
    }

    /// <summary>Gives it back. Whoever makes a child has borrowed it from the beginning, so that it stands until the pumps run.</summary>
    internal void ReturnExitEvent()
    {
        lock (_gate)
        {
            _borrowers--;
            CloseUnused();
        }
    }

    internal ChildExit WaitForExit()
    {
        lock (_gate)
        {
            while (_exit is null)
            {
                Monitor.Wait(_gate);
            }

            return _exit.Value;
        }
    }

    /// <summary>Waits for the end, at most so long.</summary>
    internal void WaitForExit(TimeSpan atMost)
    {
        lock (_gate)
        {
            if (_exit is null)
            {
                Monitor.Wait(_gate, atMost);
            }
        }
    }

    /// <summary>Called by the reaper; must not block.</summary>
    internal virtual unsafe void OnExit(ChildExit exit)
    {
        lock (_gate)
        {
            _exit = exit;
            Monitor.PulseAll(_gate);
            var one = 1UL;
            _ = Libc.Write(_exitEvent, (byte*)&one, sizeof(ulong));
            CloseUnused();
        }
    }

    private void CloseUnused()
    {
        if (_borrowers == 0 && _exit is not null)
        {
            Descriptors.Close(ref _exitEvent);
        }
    }
}
