namespace ToolRuntime.Runtime.Workers;

/// <summary>A LOG frame's payload.</summary>
internal sealed record WorkerLog(string? Stream, string? Level, string? Text);
