using ToolRuntime.Functions;

namespace ToolRuntime.Runtime.Live;

/// <summary>The measures of one sandbox: those of about the last ten minutes.</summary>
internal sealed class MeasureLog
{
    private const int Most = 120;
    private readonly Lock _gate = new();
    private readonly Queue<SandboxMeasure> _measures = new();

    /// <summary>The newest one, or null.</summary>
    public SandboxMeasure? Last { get; private set; }

    /// <summary>Adds one; the oldest goes when there are too many.</summary>
    public void Add(SandboxMeasure measure)
    {
        lock (_gate)
        {
            _measures.Enqueue(Last = measure);
            if (_measures.Count > Most)
            {
                _measures.Dequeue();
            }
        }
    }

    /// <summary>Those since a moment, oldest first.</summary>
    public IReadOnlyList<SandboxMeasure> Since(DateTimeOffset moment)
    {
        lock (_gate)
        {
            return [.. _measures.Where(m => m.Time >= moment)];
        }
    }
}
