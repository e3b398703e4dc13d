using ToolRuntime.Functions;

namespace ToolRuntime.Gateway.Federation;

/// <summary>How a server is greeted.</summary>
internal sealed record HandshakePlan
{
    /// <summary>Over a pipe: any server answers <c>initialize</c>, if only by a refusal, and some never answer anything else first.</summary>
    public static HandshakePlan Pipe { get; } = new() { HearsLists = true };

    /// <summary>Whether 2026-07-28 is tried first, by <c>server/discover</c>: over HTTP whoever does not know it says so.</summary>
    public bool ModernFirst { get; init; }

    /// <summary>What it said the last time, or null: then it need not be found out.</summary>
    public ServerSnapshot? Known { get; init; }

    /// <summary>Whether a server of 2026-07-28 is asked to tell when its lists change.</summary>
    public bool HearsLists { get; init; }
}
