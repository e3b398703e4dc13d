namespace ToolRuntime.Functions;

/// <summary>What events are called outside.</summary>
public static class EventNames
{
    /// <summary>The name of a kind.</summary>
    public static string Of(EventKind kind) => kind switch
    {
        EventKind.Started => "started",
        EventKind.Output => "output",
        EventKind.Progress => "progress",
        EventKind.Log => "log",
        EventKind.Notification => "notification",
        EventKind.InputRequired => "input_required",
        EventKind.Checkpoint => "checkpoint",
        EventKind.Completed => "completed",
        EventKind.Failed => "failed",
        EventKind.Message => "message",
        _ => "gone",
    };
}
