using ToolRuntime.Sandbox.Agent.Native;

namespace ToolRuntime.Sandbox.Agent.Processes;

/// <summary>Signals a process with all that it has started, also what left its session, as long as its parents live.</summary>
internal static class ProcessTree
{
    private const int Kill = 9;
    private const int Stop = 19;
    private const int MostRounds = 16;

    /// <summary>Those that a terminal's keys and size send: as there, they are for the group, and what left it meant to be left alone.</summary>
    private static readonly int[] s_ofTerminals = [2, 3, 20, 21, 22, 28];

    /// <summary>False when there is no such process.</summary>
    internal static bool Signal(int root, int signal)
    {
        if (root <= 0)
        {
            // It has not started: to the kernel 0 means the agent itself.
            return false;
        }

        if (s_ofTerminals.Contains(signal))
        {
            return Libc.Kill(-root, signal) == 0;
        }

        var members = signal == Kill ? Stopped(root) : Members(root);
        var found = Libc.Kill(-root, signal) == 0;
        foreach (var member in members)
        {
            found |= Libc.Kill(member, signal) == 0;
        }

        return found;
    }

    /// <summary>All of the tree, stopped: what is stopped starts nothing that would escape.</summary>
    private static IReadOnlyCollection<int> Stopped(int root)
    {
        var stopped = new HashSet<int>();
        for (var round = 0; round < MostRounds; round++)
        {
            var fresh = Members(root).Where(stopped.Add).ToList();
            if (fresh.Count == 0)
            {
                break;
            }

            fresh.ForEach(member => Libc.Kill(member, Stop));
        }

        return stopped;
    }

    private static IReadOnlyCollection<int> Members(int root)
    {
        var self = Libc.GetProcessId();
        var all = new List<ProcessFacts>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (char.IsAsciiDigit(folder[6]) && Read($"{folder}/stat") is { } facts && facts.Pid != self)
            {
                all.Add(facts);
            }
        }

        return ProcessFacts.Tree(root, all);
    }

    private static ProcessFacts? Read(string path)
    {
        try
        {
            return ProcessFacts.Read(File.ReadAllText(path));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It has just ended.
            return null;
        }
    }
}
