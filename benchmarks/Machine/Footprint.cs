namespace ToolRuntime.Benchmarks.Machine;

/// <summary>What one instance holds of the machine at one moment.</summary>
internal sealed record Footprint
{
    /// <summary>Resident memory of the toolrt process, MiB.</summary>
    public required double ProductMiB { get; init; }

    /// <summary>Resident memory of its nats-server, MiB.</summary>
    public required double BrokerMiB { get; init; }

    /// <summary>The process of its nats-server, 0 where it has none.</summary>
    public required int BrokerProcess { get; init; }

    /// <summary>Proportional memory (PSS) of all its processes, MiB.</summary>
    public required double AllMiB { get; init; }

    /// <summary>Proportional memory (PSS) of the sandboxes' processes alone, MiB.</summary>
    public required double SandboxMiB { get; init; }

    /// <summary>Its sandboxes.</summary>
    public required int Sandboxes { get; init; }

    /// <summary>Its processes.</summary>
    public required int Processes { get; init; }

    /// <summary>Its processes but for those inside of sandboxes, of which gVisor makes more and fewer as it likes.</summary>
    public required int OutsideProcesses { get; init; }

    /// <summary>Open descriptors of toolrt and nats-server.</summary>
    public required int Descriptors { get; init; }

    /// <summary>Mounts of the host that name its data folder.</summary>
    public required int Mounts { get; init; }

    /// <summary>Control groups of the host, all hierarchies.</summary>
    public required int Cgroups { get; init; }

    /// <summary>Processor seconds used so far by toolrt, nats-server and the sandboxes.</summary>
    public required (double Product, double Broker, double Sandbox) CpuSeconds { get; init; }

    /// <summary>Processor seconds used so far by what runs inside the sandboxes: gVisor's own processes are not in it.</summary>
    public required double GuestSeconds { get; init; }

    /// <summary>Measures the instance whose first process is <paramref name="root"/>.</summary>
    public static Footprint Of(int root, string dataFolder)
    {
        var processes = ProcessTable.Read().Of(root, dataFolder);
        var broker = processes.FirstOrDefault(p => p.CommandLine.Contains("nats-server", StringComparison.Ordinal));
        var sandboxes = processes.Where(p => p.Id != root && p != broker).ToList();
        var sentries = sandboxes.Where(p => p.IsSentry).Select(p => p.Id).ToHashSet();
        var inside = sentries.ToHashSet();
        ProcessTable.AddDescendants(inside, processes);
        return new Footprint
        {
            ProductMiB = Memory(root, "status", "VmRSS:"),
            BrokerMiB = broker is null ? 0 : Memory(broker.Id, "status", "VmRSS:"),
            BrokerProcess = broker?.Id ?? 0,
            AllMiB = processes.Sum(p => Memory(p.Id, "smaps_rollup", "Pss:")),
            SandboxMiB = sandboxes.Sum(p => Memory(p.Id, "smaps_rollup", "Pss:")),
            Sandboxes = sentries.Count,
            Processes = processes.Count,
            OutsideProcesses = processes.Count - (inside.Count - sentries.Count),
            Descriptors = CountDescriptors(root) + (broker is null ? 0 : CountDescriptors(broker.Id)),
            Mounts = File.ReadLines("/proc/self/mountinfo").Count(line => line.Contains(dataFolder, StringComparison.Ordinal)),
            Cgroups = CountCgroups(),
            CpuSeconds = (Cpu(processes.Where(p => p.Id == root)), Cpu(processes.Where(p => p == broker)), Cpu(sandboxes)),
            GuestSeconds = Cpu(sandboxes.Where(p => !sentries.Contains(p.Id))),
        };
    }

    private static double Cpu(IEnumerable<ProcessEntry> processes) => processes.Sum(p => p.CpuTicks) / ProcessTable.TicksPerSecond;

    private static int CountCgroups() =>
        Directory.EnumerateDirectories("/sys/fs/cgroup", "*", new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true, AttributesToSkip = FileAttributes.ReparsePoint }).Count();

    private static int CountDescriptors(int process) => Try(() => Directory.EnumerateFileSystemEntries($"/proc/{process}/fd").Count());

    private static double Memory(int process, string file, string name) => Try(() =>
    {
        var line = File.ReadLines($"/proc/{process}/{file}").FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal));
        return line is null ? 0 : double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) / 1024;
    });

    // A process may end while it is looked at.
    private static T Try<T>(Func<T> read)
        where T : struct
    {
        try
        {
            return read();
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return default;
        }
    }
}
