namespace ToolRuntime.Runtime.Calls;

/// <summary>Data of a started event. <paramref name="Handover"/> marks one that was given back before any code ran.</summary>
internal sealed record StartedData(string Runtime, ulong Epoch, bool? Handover);
