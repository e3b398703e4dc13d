namespace ToolRuntime.Runtime.Calls;

/// <summary>Data of a log event that the runtime makes itself.</summary>
internal sealed record LogData(string Level, string Stream, string Text);
