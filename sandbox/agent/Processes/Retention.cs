using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Sandbox.Agent.Processes;

/// <summary>How long ended processes are known.</summary>
internal static class Retention
{
    /// <summary>Each may have 64 KiB of output that nobody has read.</summary>
    internal const int MostEnded = 256;

    /// <summary>Whether an ended process is forgotten; times in milliseconds.</summary>
    /// <param name="completedAt">When its exit was told, or null where it still has output to deliver.</param>
    /// <param name="now">The present time.</param>
    /// <param name="newer">How many have ended that were started later.</param>
    internal static bool IsOver(long? completedAt, long now, int newer) =>
        newer >= MostEnded || (completedAt is { } at && now - at > AgentLists.ExitsKept.TotalMilliseconds);
}
