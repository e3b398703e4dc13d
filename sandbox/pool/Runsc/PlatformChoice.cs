namespace ToolRuntime.Sandbox.Runsc;

/// <summary>The choice between platforms, as it is remembered for one build of gVisor on one kernel.</summary>
/// <param name="Platform">The chosen one.</param>
/// <param name="Trials">What it was chosen from.</param>
internal sealed record PlatformChoice(string Platform, IReadOnlyList<PlatformTrial> Trials)
{
    // A boot is off the hot path and paid once per sandbox; requests are paid on every call.
    private const double RequestsPerBoot = 1000;

    // Trials are short and machines are busy; and ptrace has no upstream support any more. A later platform must be clearly better.
    private const double ClearlyBetter = 0.75;

    /// <summary>Of those that worked the first, unless another takes less than three quarters of its time for a boot and a thousand requests; null when none worked.</summary>
    public static PlatformChoice? From(IReadOnlyList<PlatformTrial> trials)
    {
        var worked = trials.Where(trial => trial.Failure is null).ToList();
        if (worked.Count == 0)
        {
            return null;
        }

        var best = worked.MinBy(Cost)!;
        var chosen = Cost(best) < Cost(worked[0]) * ClearlyBetter ? best : worked[0];
        return new PlatformChoice(chosen.Platform, trials);
    }

    private static double Cost(PlatformTrial trial) => trial.BootMillis + (trial.RequestMicros * RequestsPerBoot / 1000);
}
