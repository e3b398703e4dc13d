using ToolRuntime.Gateway.ApiCalls;
using ToolRuntime.Gateway.Federation;
using ToolRuntime.Gateway.Jobs;

namespace ToolRuntime.Gateway.Routing;

/// <summary>What begins calls, each kind by its own.</summary>
/// <param name="Functions">Calls into the queue.</param>
/// <param name="Keyed">The same under an idempotency key.</param>
/// <param name="Servers">Calls of MCP servers.</param>
/// <param name="Apis">Calls of APIs, and of what the gateway answers itself.</param>
/// <param name="Jobs">Calls that nobody waits for.</param>
public sealed record CallStarters(FunctionCalls Functions, KeyedCalls Keyed, ServerCalls Servers, ApiCallStarter Apis, JobDesk Jobs);
