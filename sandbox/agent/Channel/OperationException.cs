using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Sandbox.Agent.Channel;

/// <summary>A refusal that the host is told: one of <see cref="AgentErrorCode"/> and why.</summary>
internal sealed class OperationException(string code, string message) : Exception(message)
{
    internal string Code { get; } = code;
}
