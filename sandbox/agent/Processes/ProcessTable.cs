using ToolRuntime.Sandbox.Agent.Native;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Sandbox.Agent.Processes;

/// <summary>The processes and workers that the host knows. Ended ones stay for a while, so that their exit can still be asked for.</summary>
internal sealed class ProcessTable(Reaper reaper)
{
    private readonly Lock _gate = new();

    /// <summary>In the order of their start.</summary>
    private readonly List<ManagedProcess> _processes = [];

    private int _next;

    internal string NewId()
    {
        lock (_gate)
        {
            return $"p{++_next}";
        }
    }

    internal bool Contains(string id)
    {
        lock (_gate)
        {
            return _processes.Exists(process => process.Id == id && !process.HasEnded);
        }
    }

    /// <summary>The process that a request names by id, process id or tag: one that runs before one that has ended, the last one before earlier ones.</summary>
    internal ManagedProcess? Find(AgentRequest request)
    {
        lock (_gate)
        {
            Forget();
            var named = _processes.Where(process => IsNamed(process, request)).ToList();
            return named.FindLast(process => !process.HasEnded) ?? named.LastOrDefault();
        }
    }

    internal IReadOnlyList<ManagedProcess> Running()
    {
        lock (_gate)
        {
            return [.. _processes.Where(process => !process.HasEnded)];
        }
    }

    /// <summary>Starts it and enters it.</summary>
    internal void Start(ManagedProcess process, SpawnPlan plan)
    {
        reaper.Start(process, plan);
        lock (_gate)
        {
            _processes.RemoveAll(former => former.Id == process.Id && former.HasEnded);
            _processes.Add(process);
            Forget();
        }
    }

    /// <summary>Gives a worker another id; false when something that runs has that.</summary>
    internal bool Rename(ManagedProcess process, string id)
    {
        lock (_gate)
        {
            if (Contains(id))
            {
                return false;
            }

            _processes.RemoveAll(former => former.Id == id);
            process.Id = id;
            return true;
        }
    }

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

    private static bool IsNamed(ManagedProcess process, AgentRequest request) =>
        request.Id is { } id ? process.Id == id
        : request.Pid is { } pid ? process.Pid == pid
        : request.Tag is { } tag && process.Request.Tag == tag;

    private void Forget()
    {
        var now = Environment.TickCount64;
        var newer = _processes.Count(process => process.HasEnded);
        _processes.RemoveAll(process => process.HasEnded && Retention.IsOver(process.Output.CompletedAt, now, --newer));
    }
}
