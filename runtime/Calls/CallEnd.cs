namespace ToolRuntime.Runtime.Calls;

/// <summary>Why a call is to end before its worker says so.</summary>
internal enum CallEnd
{
    /// <summary>It is not.</summary>
    None,

    /// <summary>The caller cancelled.</summary>
    Cancelled,

    /// <summary>The deadline passed.</summary>
    Deadline,

    /// <summary>This runtime stops, and another is to run it.</summary>
    HandedOver,

    /// <summary>Another runtime writes this call's events.</summary>
    Fenced,
}
