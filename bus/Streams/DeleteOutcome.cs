namespace ToolRuntime.Bus.Streams;

/// <summary>What became of a stream that was to be deleted.</summary>
public enum DeleteOutcome
{
    /// <summary>It is gone, or stands only for its forks.</summary>
    Deleted,

    /// <summary>There is none.</summary>
    NotFound,

    /// <summary>It was deleted before and stands only for its forks.</summary>
    Gone,
}
