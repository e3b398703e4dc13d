using ToolRuntime.Sandbox.Agent.Native;

namespace ToolRuntime.Sandbox.Agent.Processes;

/// <summary>The processes and workers that the host knows. Ended ones stay for a while, so that their exit can still be asked for.</summary>
internal sealed class ProcessTable(Reaper reaper)
{
    private const int MostEnded = 64;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, ManagedProcess> _processes = new(StringComparer.Ordinal);
    private int _next;

    internal string NewId()
    {
        lock (_gate)
        {
            return $"p{++_next}";
        }
    }

    internal bool Contains(string id) => Find(id) is { HasEnded: false };

    internal ManagedProcess? Find(string id)
    {
        lock (_gate)
        {
            return _processes.GetValueOrDefault(id);
        }
    }

    internal IReadOnlyList<ManagedProcess> All()
    {
        lock (_gate)
        {
            return [.. _processes.Values];
        }
    }

    /// <summary>Starts it and enters it.</summary>
    internal void Start(ManagedProcess process, SpawnPlan plan)
    {
        reaper.Start(process, plan);
        lock (_gate)
        {
            _processes[process.Id] = process;
            foreach (var ended in _processes.Values.Where(known => known.HasEnded).SkipLast(MostEnded).ToList())
            {
                _processes.Remove(ended.Id);
            }
        }
    }

    /// <summary>Signals the process's whole group; false when it has ended.</summary>
    internal static bool Signal(ManagedProcess process, int signal) =>
        !process.HasEnded && Libc.Kill(-process.Pid, signal) == 0;

    /// <summary>Signals everything: the whole sandbox as PID 1, else only what was started here.</summary>
    internal void SignalAll(int signal)
    {
        if (Libc.GetProcessId() == 1)
        {
            _ = Libc.Kill(-1, signal);
        }
        else
        {
            reaper.SignalAll(signal);
        }
    }
}
