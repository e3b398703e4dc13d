using ToolRuntime.Functions;

namespace ToolRuntime.Runtime.Sandboxes;

/// <summary>The state of one pool.</summary>
/// <param name="Live">Sandboxes that serve.</param>
/// <param name="Booting">Sandboxes on their way.</param>
/// <param name="Waiting">Calls that wait for one.</param>
/// <param name="InFlight">Calls that run.</param>
/// <param name="Minimum">Sandboxes that stay when idle.</param>
/// <param name="BootFault">Why the last boot failed, or null when it did not.</param>
internal readonly record struct PoolView(int Live, int Booting, int Waiting, int InFlight, int Minimum, FunctionFault? BootFault);
