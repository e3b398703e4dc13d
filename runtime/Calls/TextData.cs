namespace ToolRuntime.Runtime.Calls;

/// <summary>Data of an output event that the runtime makes itself.</summary>
internal sealed record TextData(string Text);
