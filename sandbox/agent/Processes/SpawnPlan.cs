using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Sandbox.Agent.Processes;

/// <summary>Everything that is needed to start a program.</summary>
internal sealed record SpawnPlan
{
    /// <summary>User and group of user code, when the host names none.</summary>
    internal static AgentUser DefaultUser { get; } = new(1000, 1000);

    internal required IReadOnlyList<string> Arguments { get; init; }

    internal required IReadOnlyDictionary<string, string> Environment { get; init; }

    internal string Folder { get; init; } = "/";

    /// <summary>Null keeps the agent's own user, as its workers do.</summary>
    internal AgentUser? User { get; init; }

    internal AgentLimits? Limits { get; init; }

    /// <summary>Descriptors 0, 1, 2… of the child; -1 leaves one closed.</summary>
    internal required IReadOnlyList<int> Descriptors { get; init; }

    /// <summary>Whether descriptor 0 becomes its controlling terminal.</summary>
    internal bool Terminal { get; init; }
}
