using System.Globalization;

using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

using ToolRuntime.E2b.Client;
using ToolRuntime.E2b.Envd;
using ToolRuntime.E2b.Interpreter;
using ToolRuntime.E2b.Ports;
using ToolRuntime.E2b.Wire;
using ToolRuntime.Functions;

namespace ToolRuntime.E2b.Http;

/// <summary>
/// Requests for the inside of a sandbox. Which one, and which port of it, says the host name (<c>{port}-{id}.{domain}</c>) or the headers
/// <c>E2b-Sandbox-Id</c> and <c>E2b-Sandbox-Port</c>; a signed URL of a file says it by its signature. Port 49983 is envd, 49999 the code
/// interpreter, every other one is the sandbox's own.
/// </summary>
public sealed class DataPlane(SandboxClient client, EnvdEndpoint envd, InterpreterEndpoint interpreter, PortProxy ports, SandboxTokens tokens, E2bOptions options)
{
    private const int EnvdPort = 49983;
    private const int InterpreterPort = 49999;
    private readonly string? _suffix = options.Domain is { } domain ? "." + domain.Split(':')[0] : null;

    /// <summary>Serves a request that is for a sandbox; false where it is for none.</summary>
    public async ValueTask<bool> TryServeAsync(HttpContext context)
    {
        if (Target(context.Request) is not { } target)
        {
            return false;
        }

        if (target.Sandbox.Length == 0 || target.Port == 0)
        {
            await E2bReply.ErrorAsync(context, StatusCodes.Status400BadRequest, "the headers E2b-Sandbox-Id and E2b-Sandbox-Port are needed together");
            return true;
        }

        Unbound(context);
        try
        {
            await ServeAsync(context, target.Sandbox, target.Port);
        }
        catch (FunctionFaultException error) when (!context.Response.HasStarted)
        {
            await (error.Fault.Code is FaultCode.SandboxNotFound or FaultCode.SandboxConflict or FaultCode.SandboxLost or FaultCode.RuntimeLost
                ? E2bReply.GoneAsync(context, target.Sandbox)
                : E2bReply.ErrorAsync(context, error.Fault));
        }
        catch (Exception error) when (error is IOException or InvalidDataException or ObjectDisposedException or FunctionFaultException)
        {
            await LostAsync(context, target.Sandbox);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            return true;
        }

        return true;
    }

    // A sandbox that went away in the middle: what has begun must not look as if it had ended.
    private static async Task LostAsync(HttpContext context, string sandbox)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
            return;
        }

        await E2bReply.GoneAsync(context, sandbox);
    }

    // Files and streams are as large and as slow as their owners like.
    private static void Unbound(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = null;
        }

        if (context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } request)
        {
            request.MinDataRate = null;
        }

        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } response)
        {
            response.MinDataRate = null;
        }
    }

    private async Task ServeAsync(HttpContext context, string id, int port)
    {
        if (client.Directory.Find(id) is not { } record)
        {
            await E2bReply.GoneAsync(context, id);
            return;
        }

        if (record.State == SandboxState.Paused)
        {
            if (!record.Settings.ResumesByItself || !record.HasMemory)
            {
                await E2bReply.GoneAsync(context, id);
                return;
            }

            record = await client.AwakeAsync(record, context.RequestAborted);
        }

        switch (port)
        {
            case EnvdPort:
                await envd.ServeAsync(context, record);
                return;
            case InterpreterPort:
                await interpreter.ServeAsync(context, record);
                return;
            default:
                await ports.ServeAsync(context, record, port);
                return;
        }
    }

    private (string Sandbox, int Port)? Target(HttpRequest request)
    {
        var host = request.Host.Host;
        if (_suffix is not null && host.EndsWith(_suffix, StringComparison.OrdinalIgnoreCase))
        {
            var label = host[..^_suffix.Length];
            var dash = label.IndexOf('-', StringComparison.Ordinal);
            return dash > 0 && int.TryParse(label.AsSpan(0, dash), NumberStyles.None, CultureInfo.InvariantCulture, out var named) ? (label[(dash + 1)..], named) : null;
        }

        var (id, port) = (request.Headers["E2b-Sandbox-Id"], request.Headers["E2b-Sandbox-Port"]);
        if (id.Count > 0 || port.Count > 0)
        {
            return (id.ToString(), int.TryParse(port.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var given) ? given : 0);
        }

        return request.Path == "/files" && (request.Query.ContainsKey("signature") || request.Headers.ContainsKey("X-Access-Token"))
            ? (ByToken(request), EnvdPort)
            : null;
    }

    /// <summary>Whose file a URL without a sandbox means: the one whose token makes its signature, or is sent with it.</summary>
    private string ByToken(HttpRequest request)
    {
        foreach (var record in client.Directory.All)
        {
            var token = tokens.Envd(record.Id);
            if (SandboxTokens.Same(request.Headers["X-Access-Token"], token) || FilesEndpoint.IsSigned(request, token))
            {
                return record.Id;
            }
        }

        return "unknown";
    }
}
