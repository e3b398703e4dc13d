namespace ToolRuntime.E2b.Templates;

/// <summary>One build: what it is to become, how far it is, and what it said. Its id is that of the snapshot that it leaves.</summary>
internal sealed class TemplateBuild(string tenant, string id, string name, IReadOnlyList<string> tags)
{
    private const int MostEntries = 10_000;
    private readonly Lock _gate = new();
    private readonly List<TemplateLogEntry> _log = [];

    /// <summary>Whose.</summary>
    public string Tenant => tenant;

    /// <summary>Its id.</summary>
    public string Id => id;

    /// <summary>The template's name.</summary>
    public string Name => name;

    /// <summary>The tags that it gets.</summary>
    public IReadOnlyList<string> Tags => tags;

    /// <summary>Processors, thousandths of one; 0 for all.</summary>
    public int CpuMillis { get; init; }

    /// <summary>Memory, MiB.</summary>
    public int MemoryMiB { get; init; }

    /// <summary>When it was asked for.</summary>
    public DateTimeOffset Begun { get; init; }

    /// <summary><c>waiting</c>, <c>building</c>, <c>ready</c> or <c>error</c>.</summary>
    public string Status { get; private set; } = "waiting";

    /// <summary>Why it failed, or null.</summary>
    public string? Reason { get; private set; }

    /// <summary>The step that it is at: <c>base</c>, a number from 1, or <c>finalize</c>.</summary>
    public string Step { get; set; } = "base";

    /// <summary>Takes the one start; false where it was started already.</summary>
    public bool Start()
    {
        lock (_gate)
        {
            var isFirst = Status == "waiting";
            Status = isFirst ? "building" : Status;
            return isFirst;
        }
    }

    /// <summary>Ends it, well or for a reason.</summary>
    public void End(string? reason)
    {
        lock (_gate)
        {
            (Status, Reason) = (reason is null ? "ready" : "error", reason);
        }
    }

    /// <summary>Adds a line; what is beyond the most is dropped.</summary>
    public void Log(DateTimeOffset now, string level, string text)
    {
        lock (_gate)
        {
            if (_log.Count < MostEntries)
            {
                _log.Add(new TemplateLogEntry(now, level, text));
            }
        }
    }

    /// <summary>Lines from one on.</summary>
    public IReadOnlyList<TemplateLogEntry> LogFrom(int first, int most)
    {
        lock (_gate)
        {
            return [.. _log.Skip(first).Take(most)];
        }
    }
}
