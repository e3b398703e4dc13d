namespace ToolRuntime.Sandbox.Runsc;

/// <summary>What a platform of gVisor did in a short trial on this machine.</summary>
/// <param name="Platform">Its name.</param>
/// <param name="BootMillis">From the start of runsc to the agent's WELCOME; 0 when it failed.</param>
/// <param name="RequestMicros">One request to the agent and its reply, median.</param>
/// <param name="Failure">Why it failed, or null.</param>
internal sealed record PlatformTrial(string Platform, double BootMillis, double RequestMicros, string? Failure)
{
    /// <summary>What a platform can do by two trials of it: the better of each figure; a failure counts for both.</summary>
    public static PlatformTrial Better(PlatformTrial? one, PlatformTrial other) => one is null || other.Failure is not null
        ? other
        : other with { BootMillis = Math.Min(one.BootMillis, other.BootMillis), RequestMicros = Math.Min(one.RequestMicros, other.RequestMicros) };
}
