namespace ToolRuntime.Gateway.Jobs;

/// <summary>How far a job has come.</summary>
public enum JobState
{
    /// <summary>Its time has not come.</summary>
    Delayed,

    /// <summary>It waits in the queue.</summary>
    Queued,

    /// <summary>A runtime has it.</summary>
    Working,

    /// <summary>It waits for answers.</summary>
    InputRequired,

    /// <summary>It gave a result.</summary>
    Completed,

    /// <summary>It failed.</summary>
    Failed,

    /// <summary>It was cancelled.</summary>
    Cancelled,
}
