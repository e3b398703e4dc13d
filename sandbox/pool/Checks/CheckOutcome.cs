namespace ToolRuntime.Sandbox.Checks;

/// <summary>How a check ended.</summary>
public enum CheckOutcome
{
    /// <summary>As it should be.</summary>
    Ok,

    /// <summary>Works, with something to know.</summary>
    Warning,

    /// <summary>Sandboxes cannot run.</summary>
    Failed,
}
