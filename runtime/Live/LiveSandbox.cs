using ToolRuntime.Functions;
using ToolRuntime.Runtime.Egress;
using ToolRuntime.Sandbox.Pools;

namespace ToolRuntime.Runtime.Live;

/// <summary>One sandbox that callers drive, running or paused. What changes its state holds <see cref="Gate"/>.</summary>
internal sealed class LiveSandbox(SandboxRecord record, IReadOnlyDictionary<string, string> environment, EgressRules egress) : IDisposable
{
    private Lazy<Task> _ready = new(Task.CompletedTask);
    private int _pipes;
    private long _lastUse;

    /// <summary>Held by whoever changes its state; one at a time.</summary>
    public SemaphoreSlim Gate { get; } = new(1);

    /// <summary>What gateways know of it; swapped whole.</summary>
    public SandboxRecord Record { get; set; } = record;

    /// <summary>Environment of its processes.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; } = environment;

    /// <summary>What may go out of it.</summary>
    public EgressRules Egress { get; set; } = egress;

    /// <summary>Its way out, once it has run here.</summary>
    public EgressProxy? Proxy { get; set; }

    /// <summary>Its lease while it runs.</summary>
    public ISandboxLease? Lease { get; set; }

    /// <summary>Done when it can be used: its programs have their environment. What that takes begins when this is asked for first.</summary>
    /// <exception cref="FunctionFaultException">SandboxLost.</exception>
    public Task Ready => _ready.Value;

    /// <summary>Whether that has begun.</summary>
    public bool IsEquipped => _ready.IsValueCreated;

    /// <summary>What it used.</summary>
    public MeasureLog Measures { get; } = new();

    /// <summary>Processor time at the last measure.</summary>
    public (DateTimeOffset Time, TimeSpan Cpu)? LastCpu { get; set; }

    /// <summary>Whether it was ended on purpose; nothing may bring it back.</summary>
    public bool IsGone { get; set; }

    /// <summary>When it was last checkpointed while it runs, or began.</summary>
    public DateTimeOffset CheckpointedAt { get; set; } = record.StartedAt;

    /// <summary>Says what is to be done before it can be used.</summary>
    public void EquipBy(Func<Task> equip) => _ready = new Lazy<Task>(equip);

    /// <summary>A pipe was opened.</summary>
    public void Opened(DateTimeOffset now)
    {
        Interlocked.Increment(ref _pipes);
        Interlocked.Exchange(ref _lastUse, now.UtcTicks);
    }

    /// <summary>A pipe was closed.</summary>
    public void Closed(DateTimeOffset now)
    {
        Interlocked.Exchange(ref _lastUse, now.UtcTicks);
        Interlocked.Decrement(ref _pipes);
    }

    /// <summary>When its time is over: at its end, or where it has an idle time, so long after its last use.</summary>
    public DateTimeOffset EndAt(DateTimeOffset now)
    {
        if (Record.Settings.IdleSeconds == 0)
        {
            return Record.EndAt;
        }

        var used = Volatile.Read(ref _pipes) > 0 ? now : new DateTimeOffset(Math.Max(Interlocked.Read(ref _lastUse), Record.StartedAt.UtcTicks), TimeSpan.Zero);
        var idle = used + TimeSpan.FromSeconds(Record.Settings.IdleSeconds);
        return idle < Record.EndAt ? idle : Record.EndAt;
    }

    /// <inheritdoc/>
    public void Dispose() => Gate.Dispose();
}
