namespace ToolRuntime.Bus.Sessions;

/// <summary>How far a call of a session has come.</summary>
public enum SessionCallState
{
    /// <summary>Its code has begun.</summary>
    Running,

    /// <summary>It gave a result.</summary>
    Completed,

    /// <summary>It failed.</summary>
    Failed,
}
