namespace ToolRuntime.Runtime.Workers;

/// <summary>How a worker answered a call.</summary>
internal enum WorkerAnswer
{
    /// <summary>RESULT.</summary>
    Result,

    /// <summary>ERROR.</summary>
    Error,

    /// <summary>Not at all: its stream ended.</summary>
    Lost,
}
