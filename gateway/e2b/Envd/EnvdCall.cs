using Microsoft.AspNetCore.Http;

using ToolRuntime.E2b.Client;
using ToolRuntime.Functions;

namespace ToolRuntime.E2b.Envd;

/// <summary>One call of an envd service.</summary>
/// <param name="Context">The request.</param>
/// <param name="Sandbox">The sandbox.</param>
/// <param name="User">The Linux user.</param>
internal sealed record EnvdCall(HttpContext Context, SandboxRecord Sandbox, SandboxUser User)
{
    /// <summary>Ends with the client's connection.</summary>
    public CancellationToken Token => Context.RequestAborted;
}
