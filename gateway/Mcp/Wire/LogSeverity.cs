namespace ToolRuntime.Gateway.Mcp.Wire;

/// <summary>MCP's log levels (RFC 5424), least severe first.</summary>
public enum LogSeverity
{
    /// <summary>For debugging.</summary>
    Debug,

    /// <summary>For information.</summary>
    Info,

    /// <summary>Normal but significant.</summary>
    Notice,

    /// <summary>A warning.</summary>
    Warning,

    /// <summary>An error.</summary>
    Error,

    /// <summary>Critical.</summary>
    Critical,

    /// <summary>Action is needed at once.</summary>
    Alert,

    /// <summary>The system is unusable.</summary>
    Emergency,
}
