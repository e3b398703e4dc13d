using System.Globalization;
using System.Text.Json;

using Microsoft.AspNetCore.Http;

using ToolRuntime.Bus;
using ToolRuntime.Bus.Logs;
using ToolRuntime.Functions;
using ToolRuntime.Gateway.Catalog;
using ToolRuntime.Gateway.Payloads;
using ToolRuntime.Gateway.Streams;

namespace ToolRuntime.Gateway.Admin;

/// <summary><c>GET /admin/functions/{name}/logs</c>: what a function printed, as events named <c>log</c>.</summary>
public sealed class LogsEndpoint(MessageBus bus, ReplyKeeper keeper, ToolCatalog catalog)
{
    private const int MaximumTail = 10_000;
    private const int DefaultTail = 100;

    /// <summary>Serves it.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        var (tenant, name) = (AdminRequest.Tenant(context), AdminRequest.Name(context));
        var follow = AdminRequest.Query(context, "follow") == "true";
        var tail = int.TryParse(AdminRequest.Query(context, "tail"), NumberStyles.None, CultureInfo.InvariantCulture, out var asked) ? Math.Min(asked, MaximumTail) : DefaultTail;
        await RequireAsync(tenant, name, context.RequestAborted);
        using var reply = new Reply(context);
        await reply.KeepAliveAsync(context.RequestAborted);
        keeper.Watch(reply);
        try
        {
            await foreach (var line in bus.Logs.ReadAsync(tenant, name, tail, follow, context.RequestAborted))
            {
                await reply.SendAsync(null, Write(line), context.RequestAborted, "log");
            }
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The reader left; there is nobody to tell.
        }
        finally
        {
            keeper.Leave(reply);
            await reply.CloseAsync();
        }
    }

    /// <summary>A name that stands for nothing and never printed anything is a mistake of who asks.</summary>
    private async Task RequireAsync(string tenant, string name, CancellationToken cancellationToken)
    {
        if (catalog.Of(tenant).Functions.ContainsKey(name))
        {
            return;
        }

        await foreach (var _ in bus.Logs.ReadAsync(tenant, name, 1, follow: false, cancellationToken))
        {
            return;
        }

        throw new FunctionFaultException(FaultCode.ToolNotFound, $"there is no function '{name}'", "list the functions to see their names");
    }

    private static byte[] Write(LogLine line)
    {
        using var buffer = new ReplyBuffer();
        using (var writer = new Utf8JsonWriter(buffer, ReplyBuffer.WriterOptions))
        {
            writer.WriteStartObject();
            writer.WriteString("at"u8, line.At);
            writer.WriteString("invocation"u8, line.Invocation);
            writer.WriteString("stream"u8, line.Stream);
            writer.WriteString("level"u8, line.Level);
            writer.WriteString("text"u8, line.Text);
            writer.WriteEndObject();
        }

        return buffer.Written.ToArray();
    }
}
