using ToolRuntime.Functions;

namespace ToolRuntime.Runtime.Calls;

/// <summary>Runs the system function that builds; steps 5 and 6 of such a call.</summary>
internal delegate Task<InvocationEvent> BuildRunner(Invocation invocation, CallEvents events, CancellationToken cancellationToken);
