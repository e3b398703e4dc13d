using ToolRuntime.Functions;

namespace ToolRuntime.Runtime.Building.Dependencies;

/// <summary>A remembered layer.</summary>
internal sealed record LayerEntry(LayerReference Layer, DateTimeOffset At);
