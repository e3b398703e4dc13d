using ToolRuntime.Bus;
using ToolRuntime.Runtime.Sandboxes;
using ToolRuntime.Runtime.Sessions;

namespace ToolRuntime.Runtime.Calls;

/// <summary>What every call needs.</summary>
/// <param name="Bus">The bus.</param>
/// <param name="Sandboxes">Sandboxes of functions.</param>
/// <param name="Claims">Sessions that are this runtime's.</param>
/// <param name="Builds">Builds packages.</param>
/// <param name="Options">Limits.</param>
/// <param name="Clock">Time and log.</param>
internal sealed record CallServices(MessageBus Bus, FunctionSandboxes Sandboxes, SessionClaims Claims, BuildRunner Builds, RuntimeOptions Options, CallClock Clock);
