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

    /// <summary>It was taken too often without an end: fail it and keep it among the dead letters.</summary>
    GiveUp,

    /// <summary>Another delivery of the same call has begun it: settle this one and do nothing.</summary>
    Ignore,
}
