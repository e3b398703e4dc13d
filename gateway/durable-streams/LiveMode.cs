namespace ToolRuntime.Streams;

/// <summary>How a reader waits for what comes.</summary>
internal enum LiveMode
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>One answer, with what comes first.</summary>
    LongPoll,

    /// <summary>Server-sent events.</summary>
    Events,
}
