namespace ToolRuntime.Bus.Queue;

/// <summary>A signal.</summary>
/// <param name="Tenant">Whose call.</param>
/// <param name="Invocation">To which call.</param>
/// <param name="Kind">What it says.</param>
/// <param name="Payload">UTF-8 JSON, or empty.</param>
public readonly record struct ControlSignal(string Tenant, string Invocation, ControlKind Kind, ReadOnlyMemory<byte> Payload);
