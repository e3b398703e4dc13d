using ToolRuntime.Functions;
using ToolRuntime.Runtime.Sandboxes;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Runtime.Sessions;

/// <summary>The process of an MCP server in a sandbox.</summary>
internal static class McpProcess
{
    private const string CodeFolder = "/layers/code";

    /// <summary>Starts the server of <paramref name="version"/>. Its environment goes by exec: the sandbox is the session's own.</summary>
    public static ValueTask<AgentProcess> StartAsync(
        FunctionSandbox sandbox, FunctionVersion version, IReadOnlyDictionary<string, string> environment, CancellationToken cancellationToken) =>
        sandbox.Lease.Agent.SpawnAsync(
            new ProcessSpec
            {
                Arguments = version.Manifest.Command,
                Environment = environment,
                WorkingDirectory = version.Layers.Any(l => l.Kind == LayerKind.Code) ? CodeFolder : "/home/user",
                StandardInput = true,
                Limits = new ProcessLimits { Processes = version.Manifest.Limits.Processes },
            },
            cancellationToken);
}
