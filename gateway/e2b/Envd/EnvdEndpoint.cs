using System.Text;

using Microsoft.AspNetCore.Http;

using ToolRuntime.E2b.Client;
using ToolRuntime.E2b.Wire;
using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.E2b.Envd;

/// <summary>Port 49983 of a sandbox: processes, the file system, files, measures; as envd 0.6 of E2B speaks it (Connect with JSON, and plain HTTP).</summary>
public sealed class EnvdEndpoint(SandboxClient client, SandboxUsers users, ProcessService processes, FilesystemService filesystem, FilesEndpoint files, SandboxTokens tokens)
{
    /// <summary>The version that is told to SDKs, which choose by it what they ask for.</summary>
    public const string Version = "0.6.13";

    /// <summary>Serves a request.</summary>
    /// <exception cref="FunctionFaultException">The sandbox is gone.</exception>
    /// <exception cref="IOException">It went away in the middle.</exception>
    public async Task ServeAsync(HttpContext context, SandboxRecord sandbox)
    {
        var path = context.Request.Path.Value ?? "";
        if (path == "/health")
        {
            // Its agent must answer: a record alone says only that it stood a moment ago.
            await client.AskAsync(sandbox, new AgentRequest { Op = AgentOperation.Processes }, context.RequestAborted);
            await E2bReply.NothingAsync(context);
            return;
        }

        if (path == "/files")
        {
            await files.ServeAsync(context, sandbox);
            return;
        }

        if (!IsLetIn(context.Request, sandbox))
        {
            await ConnectError.WriteAsync(context, ConnectError.Unauthenticated, "the access token is missing or wrong");
            return;
        }

        if (path.StartsWith("/process.Process/", StringComparison.Ordinal) || path.StartsWith("/filesystem.Filesystem/", StringComparison.Ordinal))
        {
            await ConnectAsync(context, sandbox, path);
            return;
        }

        switch (path)
        {
            case "/envs":
                await EnvironmentAsync(context, sandbox);
                return;
            case "/metrics":
                await MetricsAsync(context, sandbox);
                return;
            case "/files/compose":
                await files.ComposeAsync(context, sandbox);
                return;
            default:
                await E2bReply.ErrorAsync(context, StatusCodes.Status404NotFound, $"envd has no {path}");
                return;
        }
    }

    /// <summary>The Linux user that a request names (<c>Authorization: Basic base64("user:")</c>), or null.</summary>
    internal static string? UserName(HttpRequest request)
    {
        const string Scheme = "Basic ";
        var authorization = request.Headers.Authorization.ToString();
        if (!authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var decoded = new byte[authorization.Length];
        return Convert.TryFromBase64String(authorization[Scheme.Length..].Trim(), decoded, out var length) ? Encoding.UTF8.GetString(decoded, 0, length).Split(':')[0] : null;
    }

    private bool IsLetIn(HttpRequest request, SandboxRecord sandbox) =>
        !sandbox.Settings.IsSecure || SandboxTokens.Same(request.Headers["X-Access-Token"], tokens.Envd(sandbox.Id));

    private async Task ConnectAsync(HttpContext context, SandboxRecord sandbox, string path)
    {
        try
        {
            var name = UserName(context.Request);
            if (await users.FindAsync(sandbox, name, context.RequestAborted) is not { } user)
            {
                await ConnectError.WriteAsync(context, ConnectError.Unauthenticated, $"there is no user '{name}'");
                return;
            }

            var slash = path.LastIndexOf('/');
            var method = path[(slash + 1)..];
            var call = new EnvdCall(context, sandbox, user);
            await (path[1] == 'p' ? processes.ServeAsync(call, method) : filesystem.ServeAsync(call, method));
        }
        catch (AgentException error) when (!context.Response.HasStarted)
        {
            await ConnectError.WriteAsync(context, error);
        }
        catch (ConnectException error) when (!context.Response.HasStarted)
        {
            await ConnectError.WriteAsync(context, error.Code, error.Message);
        }
        catch (FunctionFaultException error) when (error.Fault.Code == FaultCode.InvalidArguments && !context.Response.HasStarted)
        {
            await ConnectError.WriteAsync(context, ConnectError.InvalidArgument, error.Fault.Message);
        }
    }

    private async Task EnvironmentAsync(HttpContext context, SandboxRecord sandbox)
    {
        var environment = (await client.AskAsync(sandbox, new AgentRequest { Op = AgentOperation.Environment }, context.RequestAborted)).Environment;
        await E2bReply.WriteAsync(context, StatusCodes.Status200OK, writer =>
        {
            writer.WriteStartObject();
            foreach (var (key, value) in environment ?? new Dictionary<string, string>(StringComparer.Ordinal))
            {
                writer.WriteString(key, value);
            }

            writer.WriteEndObject();
        });
    }

    private async Task MetricsAsync(HttpContext context, SandboxRecord sandbox)
    {
        var stats = await client.AskAsync(sandbox, new AgentRequest { Op = AgentOperation.Stats }, context.RequestAborted);
        await E2bReply.WriteAsync(context, StatusCodes.Status200OK, writer =>
        {
            writer.WriteStartObject();
            writer.WriteNumber("ts"u8, TimeProvider.System.GetUtcNow().ToUnixTimeSeconds());
            writer.WriteNumber("cpu_count"u8, stats.CpuCount);
            writer.WriteNumber("cpu_used_pct"u8, 0);
            writer.WriteNumber("mem_total"u8, stats.MemoryTotal);
            writer.WriteNumber("mem_used"u8, stats.MemoryUsed);
            writer.WriteNumber("mem_cache"u8, stats.MemoryCache);
            writer.WriteNumber("mem_total_mib"u8, stats.MemoryTotal >> 20);
            writer.WriteNumber("mem_used_mib"u8, stats.MemoryUsed >> 20);
            writer.WriteNumber("disk_used"u8, stats.DiskUsed);
            writer.WriteNumber("disk_total"u8, stats.DiskTotal);
            writer.WriteEndObject();
        });
    }
}
