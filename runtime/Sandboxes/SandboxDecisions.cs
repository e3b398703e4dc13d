using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Pools;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Runtime.Sandboxes;

/// <summary>The decisions about sandboxes: pure, time comes in.</summary>
internal static class SandboxDecisions
{
    /// <summary>A queue that drains within this time is no reason to boot.</summary>
    public static readonly TimeSpan GrowAfter = TimeSpan.FromSeconds(1);

    /// <summary>Even a busy host gets another sandbox after this: the calls may be waiting for something else than processors.</summary>
    public static readonly TimeSpan GrowAnywayAfter = TimeSpan.FromSeconds(2);

    private const int LongestRestSeconds = 60;

    /// <summary>Whether to boot one more sandbox for the key.</summary>
    public static bool ShouldBoot(in GrowthView view)
    {
        if (view.Waiting == 0 || view.Total >= view.Maximum)
        {
            return false;
        }

        if (view.Live + view.Booting == 0)
        {
            return true;
        }

        // Until the first one has served, nobody knows how fast the queue drains.
        if (!view.Shared || view.Live == 0 || (long)view.Booting * view.Concurrency >= view.Waiting)
        {
            return false;
        }

        return view.OldestWait >= (view.HostIsBusy ? GrowAnywayAfter : GrowAfter);
    }

    /// <summary>Whether a sandbox without calls ends now.</summary>
    /// <param name="idleSince">When its last call ended.</param>
    /// <param name="now">The time.</param>
    /// <param name="pool">The manifest's settings.</param>
    /// <param name="live">Sandboxes of the function, this one included.</param>
    /// <param name="minimum">How many stay whatever happens.</param>
    public static bool ShouldEnd(DateTimeOffset idleSince, DateTimeOffset now, PoolSettings pool, int live, int minimum) =>
        live > minimum && now - idleSince >= TimeSpan.FromSeconds(pool.IdleSeconds);

    /// <summary>The mean of what calls took, after one more; the latest count most, and one that never ran not at all.</summary>
    public static double Mean(double seconds, TimeSpan used) => (seconds, used.TotalSeconds) switch
    {
        (_, <= 0) => seconds,
        (0, var first) => first,
        (_, var last) => (0.9 * seconds) + (0.1 * last),
    };

    /// <summary>Whether a sandbox that nobody waits for may be booted after <paramref name="failures"/> boots in a row have failed.</summary>
    public static bool MayTryAgain(int failures, DateTimeOffset failedAt, DateTimeOffset now) =>
        failures == 0 || now - failedAt >= TimeSpan.FromSeconds(Math.Min(LongestRestSeconds, 1 << Math.Min(failures - 1, 10)));

    /// <summary>How long a call at <paramref name="position"/> will wait, or null while no call has ended yet.</summary>
    public static TimeSpan? Estimate(int position, double meanSeconds, int slots) =>
        meanSeconds <= 0 || slots <= 0 ? null : TimeSpan.FromSeconds(meanSeconds * position / slots);

    /// <summary>Why a call waits, as half a sentence.</summary>
    public static string WhyWaiting(int live, int booting, int maximum) => (live, booting) switch
    {
        (_, > 0) => $"{booting} of its sandboxes are still being made, {live} of at most {maximum} are in use",
        (> 0, _) => $"{live} of at most {maximum} sandboxes are in use",
        _ => "it has no sandbox yet",
    };

    /// <summary>Why the calls of a lost worker failed.</summary>
    /// <param name="end">How its sandbox ended, or null while it lives.</param>
    /// <param name="exit">How its process ended, or null where nobody could tell.</param>
    /// <param name="reason">Why its stream ended.</param>
    /// <param name="memoryMiB">The sandbox's memory limit.</param>
    public static FunctionFault Loss(SandboxEnd? end, ProcessExit? exit, string reason, int memoryMiB) => (end, exit) switch
    {
        (SandboxEnd.OutOfMemory, _) => new FunctionFault(
            FaultCode.SandboxOutOfMemory,
            $"the sandbox used more than its {memoryMiB} MiB of memory and was ended",
            "raise limits.memoryMiB in the manifest, or use less memory"),
        (SandboxEnd.Lost, _) => new FunctionFault(FaultCode.SandboxLost, "the sandbox ended while it ran the call"),
        (_, { Signal: > 0 } signalled) => new FunctionFault(
            FaultCode.WorkerLost,
            $"the worker process was ended by signal {signalled.Signal}{Name(signalled.Signal)} while it ran the call"),
        (_, { } exited) => new FunctionFault(
            FaultCode.WorkerLost,
            $"the worker process exited with code {exited.ExitCode} while it ran the call",
            "return a result or raise an error; do not end the process"),
        _ => new FunctionFault(FaultCode.WorkerLost, $"the worker was lost while it ran the call: {reason}"),
    };

    private static string Name(int signal) => signal switch
    {
        4 => " (illegal instruction)",
        6 => " (abort)",
        7 => " (bus error)",
        8 => " (arithmetic error)",
        9 => " (kill)",
        11 => " (segmentation fault)",
        15 => " (terminate)",
        24 => " (processor time limit)",
        25 => " (file size limit)",
        31 => " (forbidden system call)",
        _ => "",
    };
}
