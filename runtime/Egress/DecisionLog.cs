using System.Text.Json;

using ToolRuntime.Bus.Logs;
using ToolRuntime.Functions;

namespace ToolRuntime.Runtime.Egress;

/// <summary>
/// What was decided for one sandbox: the last ones in memory, and all, as far as they do not come in a flood, in its log of the bus. Never waits
/// for anything: what is too much is counted, and told with the next one.
/// </summary>
/// <param name="append">Hands a line to the bus, without waiting.</param>
/// <param name="time">The clock.</param>
internal sealed class DecisionLog(Action<LogLine> append, TimeProvider time)
{
    /// <summary>How many are kept in memory.</summary>
    public const int Most = 256;

    /// <summary>Lines of the bus that one sandbox gets a second, after a burst of as many.</summary>
    public const int PerSecond = 100;

    private const int LongestPath = 1024;
    private readonly Lock _gate = new();
    private readonly Queue<EgressDecision> _last = new();
    private readonly TokenBucket _lines = new(TimeSpan.FromSeconds(1), time);
    private long _untold;

    /// <summary>Takes one up.</summary>
    public void Add(EgressDecision decision)
    {
        var bounded = decision.Path is { Length: > LongestPath } path ? decision with { Path = path[..LongestPath] } : decision;
        lock (_gate)
        {
            _last.Enqueue(bounded);
            if (_last.Count > Most)
            {
                _last.Dequeue();
            }
        }

        // A sandbox may ask in a loop; its lines must not push out those of others.
        if (!_lines.TryTake(PerSecond))
        {
            Interlocked.Increment(ref _untold);
            return;
        }

        if (Interlocked.Exchange(ref _untold, 0) is > 0 and var untold)
        {
            append(new LogLine(bounded.Time, "", "egress", "warning", $"{untold} decisions are not told: they came faster than {PerSecond} a second"));
        }

        append(new LogLine(bounded.Time, "", "egress", bounded.Allowed ? "info" : "warning", JsonSerializer.Serialize(bounded, FunctionsJson.Default.EgressDecision)));
    }

    /// <summary>The last ones, oldest first.</summary>
    public IReadOnlyList<EgressDecision> Last(int count)
    {
        lock (_gate)
        {
            return [.. _last.TakeLast(count)];
        }
    }
}
