namespace ToolRuntime.Runtime.Calls;

/// <summary>Data of a progress event that the runtime makes itself.</summary>
internal sealed record ProgressData(double Progress, string Message);
