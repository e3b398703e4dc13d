using ToolRuntime.Bus.Jobs;
using ToolRuntime.Gateway.Calls;

namespace ToolRuntime.Gateway.Mcp.Modern;

/// <summary>What a request became.</summary>
/// <param name="Call">The call under way; null where nobody follows it.</param>
/// <param name="Task">The task that the client is given in place of a result, or null.</param>
public readonly record struct StartedRequest(ICall? Call, JobRecord? Task);
