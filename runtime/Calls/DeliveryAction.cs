namespace ToolRuntime.Runtime.Calls;

/// <summary>What to do with a delivery.</summary>
internal enum DeliveryAction
{
    /// <summary>Run it, from its checkpoint where it has one.</summary>
    Run,

    /// <summary>It has ended: acknowledge only.</summary>
    Acknowledge,

    /// <summary>It cannot be repeated: fail it.</summary>
    FailRuntimeLost,
}
