namespace ToolRuntime.Bus.Logs;

/// <summary>One line that a function printed or logged.</summary>
/// <param name="At">When.</param>
/// <param name="Invocation">In which call; empty where it came from the worker as a whole.</param>
/// <param name="Stream"><c>stdout</c>, <c>stderr</c> or <c>log</c>.</param>
/// <param name="Level"><c>debug</c>, <c>info</c>, <c>warning</c>, <c>error</c>.</param>
/// <param name="Text">The line without its end, at most 16 KiB.</param>
public sealed record LogLine(DateTimeOffset At, string Invocation, string Stream, string Level, string Text);
