using Microsoft.AspNetCore.Http;

using ToolRuntime.Functions;
using ToolRuntime.Gateway.Auth;
using ToolRuntime.Gateway.Catalog;
using ToolRuntime.Gateway.Mcp.Legacy;
using ToolRuntime.Gateway.Mcp.Modern;
using ToolRuntime.Gateway.Mcp.Wire;
using ToolRuntime.Gateway.Payloads;
using ToolRuntime.Gateway.Streams;
using ToolRuntime.OpenApi.Schemas;

namespace ToolRuntime.Gateway.Mcp;

/// <summary><c>/mcp</c>, <c>/mcp/{source}</c> and <c>/mcp/sets/{set}</c>: one URL for all revisions. A request that names the modern revision is stateless; <c>initialize</c> or a session's id is the older era.</summary>
public sealed class McpEndpoint(CallerReader callers, ModernEndpoint modern, LegacyEndpoint legacy, ToolCatalog catalog, NamedDocuments<ToolSet> sets, McpOptions options)
{
    /// <summary>Serves one HTTP request to <c>/mcp</c>.</summary>
    public Task HandleAsync(HttpContext context) => HandleAsync(context, static _ => ToolScope.All, "");

    /// <summary>Serves one HTTP request to <c>/mcp/{source}</c>.</summary>
    public Task HandleSourceAsync(HttpContext context, string source) => HandleAsync(
        context,
        tenant => catalog.Of(tenant) is var tools && (tools.Functions.ContainsKey(source) || tools.HasOwn(source)) ? ToolScope.OfSource(source) : null,
        $"there is no source '{source}'");

    /// <summary>Serves one HTTP request to <c>/mcp/sets/{set}</c>.</summary>
    public Task HandleSetAsync(HttpContext context, string set) => HandleAsync(
        context,
        tenant => sets.Find(tenant, set) is { } found ? ToolScope.OfSet(found) : null,
        $"there is no toolset '{set}'");

    private async Task HandleAsync(HttpContext context, Func<string, ToolScope?> find, string missing)
    {
        var who = callers.Read(context);
        if (who.Caller is not { } caller)
        {
            await RefuseAsync(context, who);
            return;
        }

        if (find(caller.Tenant) is not { } scope)
        {
            using var buffer = new ReplyBuffer();
            buffer.Error(new JsonRpcException(JsonRpcCodes.InvalidRequest, missing), default);
            await JsonReply.WriteAsync(context, StatusCodes.Status404NotFound, buffer.Written, context.RequestAborted);
            return;
        }

        switch (context.Request.Method)
        {
            case "POST":
                await PostAsync(context, caller, scope);
                break;
            case "GET":
                await legacy.GetAsync(context, caller, scope);
                break;
            case "DELETE":
                await legacy.DeleteAsync(context, caller, scope);
                break;
            default:
                context.Response.Headers.Allow = "POST, GET, DELETE";
                context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
                break;
        }
    }

    private static async Task RefuseAsync(HttpContext context, CallerResult who)
    {
        if (who.Status == StatusCodes.Status401Unauthorized)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
        }

        using var buffer = new ReplyBuffer();
        buffer.Error(new JsonRpcException(JsonRpcCodes.InvalidRequest, who.Reason), default);
        await JsonReply.WriteAsync(context, who.Status, buffer.Written, context.RequestAborted);
    }

    private async Task PostAsync(HttpContext context, Caller caller, ToolScope scope)
    {
        var id = ReadOnlyMemory<byte>.Empty;
        var isModern = true;
        try
        {
            var message = JsonRpcMessage.Read(await RequestBody.ReadAsync(context.Request, options.MaximumBodyBytes, context.RequestAborted));
            id = message.Id;
            var exchange = new McpExchange(context, caller, message, RequestMeta.Read(message.Meta)) { Scope = scope, Dialect = DialectOf(context.Request) };
            isModern = IsModern(exchange);
            await (isModern ? modern.HandleAsync(exchange) : legacy.PostAsync(exchange));
        }
        catch (JsonRpcException error) when (!context.Response.HasStarted)
        {
            using var buffer = new ReplyBuffer();
            buffer.Error(error, error.Id.IsEmpty ? id : error.Id);
            await JsonReply.WriteAsync(context, Status(error, isModern), buffer.Written, context.RequestAborted);
        }
        catch (BodyTooLargeException)
        {
            using var buffer = new ReplyBuffer();
            buffer.Error(new JsonRpcException(JsonRpcCodes.InvalidRequest, $"the body is larger than {options.MaximumBodyBytes} bytes"), default);
            await JsonReply.WriteAsync(context, StatusCodes.Status413PayloadTooLarge, buffer.Written, context.RequestAborted);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client left before there was anything to cancel.
        }
    }

    private static SchemaDialect DialectOf(HttpRequest request)
    {
        if (!request.QueryString.HasValue || request.Query["schema"].ToString() is not { Length: > 0 } name)
        {
            return SchemaDialect.Strict202012;
        }

        return SchemaDialect.Named(name) ?? throw new JsonRpcException(
            JsonRpcCodes.InvalidRequest, $"?schema={name} is none of {string.Join(", ", SchemaDialect.All.Select(d => d.Name))}");
    }

    private static int Status(JsonRpcException error, bool isModern)
    {
        if (isModern && error.Code == JsonRpcCodes.InvalidParams)
        {
            return StatusCodes.Status400BadRequest;
        }

        return isModern || error.Code is JsonRpcCodes.ParseError or JsonRpcCodes.InvalidRequest ? error.Status : StatusCodes.Status200OK;
    }

    private static bool IsModern(McpExchange exchange)
    {
        if (exchange.Meta.ProtocolVersion is not null)
        {
            return true;
        }

        var headers = exchange.Context.Request.Headers;
        if (headers.ContainsKey(LegacyEndpoint.SessionHeader) || exchange.Message.Method is null or "initialize")
        {
            return false;
        }

        return headers["MCP-Protocol-Version"] == ProtocolRevision.Modern.Name
            || headers.ContainsKey("Mcp-Method")
            || exchange.Message.Method == "server/discover";
    }
}
