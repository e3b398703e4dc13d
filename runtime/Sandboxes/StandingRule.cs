using ToolRuntime.Functions;

namespace ToolRuntime.Runtime.Sandboxes;

/// <summary>How many sandboxes of a function stand without calls, and how the last boot of one went. Guarded by the lock of the pool.</summary>
internal sealed class StandingRule
{
    private int _failures;
    private DateTimeOffset _failedAt;

    /// <summary>Sandboxes that stay when idle.</summary>
    public int Minimum { get; set; }

    /// <summary>Why the last boot failed, or null when it did not.</summary>
    public FunctionFault? Fault { get; private set; }

    /// <summary>Sandboxes to boot now, with <paramref name="present"/> that live or boot.</summary>
    public int Missing(int present, DateTimeOffset now) => SandboxDecisions.MayTryAgain(_failures, _failedAt, now) ? Math.Max(0, Minimum - present) : 0;

    /// <summary>A boot has ended; <paramref name="fault"/> is null when there is a sandbox.</summary>
    public void Ended(FunctionFault? fault, DateTimeOffset now)
    {
        Fault = fault;
        _failedAt = now;
        _failures = fault is null ? 0 : _failures + 1;
    }
}
