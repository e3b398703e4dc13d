using ToolRuntime.Functions;

namespace ToolRuntime.Gateway.Http;

/// <summary>What events are called on streams of server-sent events.</summary>
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
        _ => "gone",
    };
}
