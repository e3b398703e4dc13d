namespace ToolRuntime.Gateway.Mcp.Wire;

/// <summary>Names of log levels on the wire.</summary>
public static class LogSeverities
{
    private static readonly string[] s_names = ["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"];

    /// <summary>The level of a name; info where it is none.</summary>
    public static LogSeverity Parse(string? name) => TryParse(name) ?? LogSeverity.Info;

    /// <summary>The level of a name, or null.</summary>
    public static LogSeverity? TryParse(string? name)
    {
        var index = Array.IndexOf(s_names, name);
        return index < 0 ? null : (LogSeverity)index;
    }

    /// <summary>The name of a level.</summary>
    public static string Name(LogSeverity level) => s_names[(int)level];
}
