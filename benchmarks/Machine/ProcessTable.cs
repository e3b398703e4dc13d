using System.Globalization;

namespace ToolRuntime.Benchmarks.Machine;

/// <summary>One process as /proc shows it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Parent">Its parent's id.</param>
/// <param name="CommandLine">Its arguments, joined by spaces; empty for a kernel thread.</param>
/// <param name="CpuTicks">Time that it and its threads have used, clock ticks.</param>
/// <param name="IsStopped">Whether a signal has stopped it.</param>
internal sealed record ProcessEntry(int Id, int Parent, string CommandLine, long CpuTicks, bool IsStopped)
{
    /// <summary>Whether it is gVisor's own of a sandbox.</summary>
    public bool IsSentry => CommandLine.Contains("runsc-sandbox", StringComparison.Ordinal);
}

/// <summary>All processes at one moment.</summary>
internal sealed class ProcessTable
{
    /// <summary>Clock ticks of one second, as Linux counts them for user space.</summary>
    public const double TicksPerSecond = 100;

    private const int ParentField = 1;
    private const int UserTimeField = 11;
    private readonly List<ProcessEntry> _all;

    private ProcessTable(List<ProcessEntry> all) => _all = all;

    /// <summary>Reads the table now.</summary>
    public static ProcessTable Read()
    {
        var all = new List<ProcessEntry>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id) && ReadOne(folder, id) is { } one)
            {
                all.Add(one);
            }
        }

        return new ProcessTable(all);
    }

    /// <summary>The instance of <paramref name="dataFolder"/>: each process that names the folder or has <paramref name="root"/> as an ancestor, and all their descendants.</summary>
    public IReadOnlyList<ProcessEntry> Of(int root, string dataFolder)
    {
        var belonging = _all.Where(p => p.Id == root || p.CommandLine.Contains(dataFolder, StringComparison.Ordinal)).Select(p => p.Id).ToHashSet();
        belonging.Remove(Environment.ProcessId);
        AddDescendants(belonging, _all);
        return [.. _all.Where(p => belonging.Contains(p.Id))];
    }

    /// <summary>Adds to <paramref name="ids"/> all descendants that they have among <paramref name="processes"/>.</summary>
    public static void AddDescendants(HashSet<int> ids, IReadOnlyList<ProcessEntry> processes)
    {
        bool grew;
        do
        {
            grew = false;
            foreach (var process in processes)
            {
                grew |= ids.Contains(process.Parent) && ids.Add(process.Id);
            }
        }
        while (grew);
    }

    private static ProcessEntry? ReadOne(string folder, int id)
    {
        try
        {
            var stat = File.ReadAllText(folder + "/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            if (fields[0] is "Z" or "X")
            {
                return null;
            }

            var command = File.ReadAllText(folder + "/cmdline").Replace('\0', ' ').TrimEnd();
            return new ProcessEntry(id, int.Parse(fields[ParentField]), command, long.Parse(fields[UserTimeField]) + long.Parse(fields[UserTimeField + 1]), fields[0] == "T");
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
