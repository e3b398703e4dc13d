using System.Text.Json.Serialization;

namespace ToolRuntime.Functions;

/// <summary>What a runtime can be told to do with a sandbox that it has.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SandboxOperation>))]
public enum SandboxOperation
{
    /// <summary>Makes one from a snapshot: <see cref="SandboxCommand.Create"/>.</summary>
    Create,

    /// <summary>Ends it and removes what it left on disk.</summary>
    Kill,

    /// <summary>Sets its end: <see cref="SandboxCommand.TimeoutSeconds"/> from now.</summary>
    SetTimeout,

    /// <summary>Suspends it to disk: <see cref="SandboxCommand.Memory"/>.</summary>
    Pause,

    /// <summary>Wakes it where it is paused, and extends its time to <see cref="SandboxCommand.TimeoutSeconds"/> from now.</summary>
    Resume,

    /// <summary>Keeps its present state under a name that sandboxes can be made from.</summary>
    Snapshot,

    /// <summary>Removes a snapshot.</summary>
    RemoveSnapshot,

    /// <summary>Gives a snapshot other tags: <see cref="SandboxCommand.Tags"/>.</summary>
    Tag,

    /// <summary>Makes <see cref="SandboxCommand.Count"/> sandboxes of its present state.</summary>
    Fork,

    /// <summary>Brings it back to the snapshot <see cref="SandboxCommand.Snapshot"/>, under its own id.</summary>
    Reset,

    /// <summary>Replaces its egress rules: <see cref="SandboxCommand.Egress"/>.</summary>
    SetEgress,

    /// <summary>Tells how it is and what may go out of it.</summary>
    Look,

    /// <summary>Tells its measures since <see cref="SandboxCommand.Since"/>.</summary>
    Metrics,

    /// <summary>Tells the last <see cref="SandboxCommand.Count"/> decisions about what wanted to go out of it.</summary>
    Decisions,
}
