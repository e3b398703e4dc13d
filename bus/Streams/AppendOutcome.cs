namespace ToolRuntime.Bus.Streams;

/// <summary>What became of an append.</summary>
public enum AppendOutcome
{
    /// <summary>It is stored.</summary>
    Appended,

    /// <summary>The producer's batch was stored before, or the stream was closed already as asked.</summary>
    Duplicate,

    /// <summary>There is no such stream.</summary>
    NotFound,

    /// <summary>The stream was deleted and only its forks remain.</summary>
    Deleted,

    /// <summary>The stream is closed.</summary>
    Closed,

    /// <summary>The media type is not the stream's.</summary>
    WrongContentType,

    /// <summary>The producer has gone on to a later epoch.</summary>
    StaleEpoch,

    /// <summary>A new epoch does not begin at batch 0.</summary>
    EpochBeginsAboveZero,

    /// <summary>A batch is missing before this one.</summary>
    SequenceGap,

    /// <summary>The writer's sequence does not sort after the last one.</summary>
    SequenceConflict,

    /// <summary>The stream has reached its largest size.</summary>
    Full,
}
