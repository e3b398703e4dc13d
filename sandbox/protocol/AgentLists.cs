namespace ToolRuntime.Sandbox.Protocol;

/// <summary>Bounds of the lists that an agent gives.</summary>
public static class AgentLists
{
    /// <summary>Most files that <c>fs.list</c> gives; <c>truncated</c> says that there are more.</summary>
    public const int MostEntries = 100_000;

    /// <summary>How long the exit of a process can be had after its end.</summary>
    public static TimeSpan ExitsKept { get; } = TimeSpan.FromSeconds(30);
}
