using System.Buffers;
using System.Text.Json;

using Microsoft.AspNetCore.Http;

using ToolRuntime.E2b.Wire;
using ToolRuntime.Functions;

namespace ToolRuntime.E2b.Interpreter;

/// <summary>Port 49999 of a sandbox: runs code in contexts, as E2B's code interpreter does (JSON lines).</summary>
public sealed class InterpreterEndpoint(Kernels kernels, SandboxTokens tokens, TimeProvider time)
{
    private const string DefaultLanguage = "python";
    private static readonly TimeSpan s_keepAlive = TimeSpan.FromSeconds(5);
    private static readonly byte[] s_keepAliveLine = "{\"type\":\"keepalive\"}\n"u8.ToArray();
    private static readonly byte[] s_endLine = "{\"type\":\"end_of_execution\"}\n"u8.ToArray();

    /// <summary>Serves a request.</summary>
    public async Task ServeAsync(HttpContext context, SandboxRecord sandbox)
    {
        if (!sandbox.Settings.HasPublicPorts && !SandboxTokens.Same(context.Request.Headers["E2B-Traffic-Access-Token"], tokens.Traffic(sandbox.Id)))
        {
            await E2bReply.ErrorAsync(context, StatusCodes.Status403Forbidden, "the traffic access token is missing or wrong");
            return;
        }

        try
        {
            await RouteAsync(context, sandbox);
        }
        catch (FunctionFaultException error) when (!context.Response.HasStarted && error.Fault.Code is FaultCode.InvalidArguments or FaultCode.LoadFailed)
        {
            await TextAsync(context, StatusCodes.Status400BadRequest, error.Fault.Detail is null ? error.Fault.Message : $"{error.Fault.Message}\n{error.Fault.Detail}");
        }
    }

    private Task RouteAsync(HttpContext context, SandboxRecord sandbox)
    {
        var parts = (context.Request.Path.Value ?? "").Split('/', StringSplitOptions.RemoveEmptyEntries);
        return (context.Request.Method, parts) switch
        {
            ("GET", ["health"]) => TextAsync(context, StatusCodes.Status200OK, "OK"),
            ("POST", ["execute"]) => ExecuteAsync(context, sandbox),
            ("GET", ["contexts"]) => ListAsync(context, sandbox),
            ("POST", ["contexts"]) => CreateAsync(context, sandbox),
            ("POST", ["contexts", var id, "restart"]) => ChangeAsync(context, id, kernels.RestartAsync(sandbox, id, context.RequestAborted)),
            ("DELETE", ["contexts", var id]) => ChangeAsync(context, id, kernels.RemoveAsync(sandbox, id, context.RequestAborted)),
            _ => TextAsync(context, StatusCodes.Status404NotFound, "Not Found"),
        };
    }

    private async Task ExecuteAsync(HttpContext context, SandboxRecord sandbox)
    {
        var body = await E2bReply.ReadAsync(context, InterpreterJson.Default.ExecuteBody);
        if (body.Code is not { ValueKind: JsonValueKind.String } code)
        {
            await TextAsync(context, StatusCodes.Status422UnprocessableEntity, "code must be a string");
            return;
        }

        if (body.ContextId is not null && body.Language is not null)
        {
            await TextAsync(context, StatusCodes.Status400BadRequest, "Only one of context_id or language can be provided");
            return;
        }

        var target = body.ContextId is { } id
            ? await kernels.FindAsync(sandbox, id, context.RequestAborted)
            : await kernels.DefaultAsync(sandbox, body.Language ?? DefaultLanguage, context.RequestAborted);
        if (target is null)
        {
            await TextAsync(context, StatusCodes.Status404NotFound, $"Context {body.ContextId} not found");
            return;
        }

        var response = context.Response;
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = "application/x-ndjson";
        await response.StartAsync(context.RequestAborted);
        using var writing = new SemaphoreSlim(1);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        var alive = KeepAliveAsync(response, writing, ending.Token);
        try
        {
            await kernels.ExecuteAsync(sandbox, target, new KernelCode(code.GetString()!, body.EnvVars), happened => WriteAsync(response, writing, to => EventLine.Write(to, happened.Span, time.GetUtcNow()), context.RequestAborted), context.RequestAborted);
        }
        finally
        {
            await ending.CancelAsync();
            await alive;
        }

        await WriteAsync(response, writing, static to => to.Write(s_endLine), context.RequestAborted);
    }

    private static async ValueTask WriteAsync(HttpResponse response, SemaphoreSlim writing, Action<IBufferWriter<byte>> write, CancellationToken cancellationToken)
    {
        await writing.WaitAsync(cancellationToken);
        try
        {
            write(response.BodyWriter);
            await response.BodyWriter.FlushAsync(cancellationToken);
        }
        finally
        {
            writing.Release();
        }
    }

    private static async Task KeepAliveAsync(HttpResponse response, SemaphoreSlim writing, CancellationToken cancellationToken)
    {
        try
        {
            using var timer = new PeriodicTimer(s_keepAlive);
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                await WriteAsync(response, writing, static to => to.Write(s_keepAliveLine), cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            return;
        }
    }

    private async Task ListAsync(HttpContext context, SandboxRecord sandbox)
    {
        var contexts = await kernels.ListAsync(sandbox, context.RequestAborted);
        await E2bReply.WriteAsync(context, StatusCodes.Status200OK, writer =>
        {
            writer.WriteStartArray();
            foreach (var one in contexts)
            {
                Write(writer, one);
            }

            writer.WriteEndArray();
        });
    }

    private async Task CreateAsync(HttpContext context, SandboxRecord sandbox)
    {
        var body = await E2bReply.ReadAsync(context, InterpreterJson.Default.ExecuteBody, static () => new ExecuteBody());
        var made = await kernels.CreateAsync(sandbox, body.Language ?? DefaultLanguage, body.Cwd, id: null, context.RequestAborted);
        await E2bReply.WriteAsync(context, StatusCodes.Status200OK, writer => Write(writer, made));
    }

    private static async Task ChangeAsync(HttpContext context, string id, Task<bool> change)
    {
        if (!await change)
        {
            await TextAsync(context, StatusCodes.Status404NotFound, $"Context {id} not found");
            return;
        }

        await E2bReply.EmptyAsync(context);
    }

    private static void Write(Utf8JsonWriter writer, KernelContext context)
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, context.Id);
        writer.WriteString("language"u8, context.Language);
        writer.WriteString("cwd"u8, context.Cwd);
        writer.WriteEndObject();
    }

    private static Task TextAsync(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(text, context.RequestAborted);
    }
}
