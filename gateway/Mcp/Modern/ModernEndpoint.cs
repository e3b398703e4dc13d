using Microsoft.AspNetCore.Http;

using ToolRuntime.Gateway.Apis;
using ToolRuntime.Gateway.Catalog;
using ToolRuntime.Gateway.Federation;
using ToolRuntime.Gateway.Mcp.Wire;
using ToolRuntime.Gateway.Payloads;

namespace ToolRuntime.Gateway.Mcp.Modern;

/// <summary>MCP 2026-07-28: stateless, every request says who speaks and what it can.</summary>
public sealed class ModernEndpoint(ServerTools tools, ServerLists lists, ModernCalls calls, Subscriptions subscriptions, TaskRequests tasks, KeptAnswers kept)
{
    /// <summary>Lists may be kept so long; changes are told by <c>subscriptions/listen</c>. Private: a list is a tenant's own.</summary>
    private static readonly byte[] s_cacheHints = ",\"ttlMs\":5000,\"cacheScope\":\"private\""u8.ToArray();

    /// <summary>Serves one message.</summary>
    /// <exception cref="JsonRpcException">It cannot be served.</exception>
    public Task HandleAsync(McpExchange exchange)
    {
        if (!exchange.Message.IsRequest)
        {
            exchange.Context.Response.StatusCode = StatusCodes.Status202Accepted;
            return Task.CompletedTask;
        }

        ModernHeaders.Check(exchange.Context.Request.Headers, exchange.Message, exchange.Meta);
        return exchange.Message.Method switch
        {
            "tools/call" => calls.RunAsync(exchange),
            "tools/list" => ListToolsAsync(exchange),
            "server/discover" => DiscoverAsync(exchange),
            "tasks/get" => tasks.GetAsync(exchange),
            "tasks/update" => tasks.UpdateAsync(exchange),
            "tasks/cancel" => tasks.CancelAsync(exchange),
            "subscriptions/listen" => subscriptions.ListenAsync(exchange),
            "resources/list" or "resources/templates/list" or "prompts/list" when HasServers(exchange) => ListAsync(exchange),
            "resources/read" when KeptAnswers.IsOne(exchange.Message.Uri) => ReadKeptAsync(exchange),
            "resources/read" or "prompts/get" or "completion/complete" when HasServers(exchange) => calls.RunAsync(exchange),
            var method => throw new JsonRpcException(JsonRpcCodes.MethodNotFound, $"there is no method '{method}' in {ProtocolRevision.Modern.Name}", exchange.Message.Id),
        };
    }

    private bool HasServers(McpExchange exchange) => lists.HasServers(exchange.Caller.Tenant, exchange.Scope);

    private async Task DiscoverAsync(McpExchange exchange)
    {
        using var buffer = new ReplyBuffer();
        Begin(buffer, exchange).Raw(",\"supportedVersions\":[\"2026-07-28\"],\"capabilities\":{\"tools\":{\"listChanged\":true},\"extensions\":{\"io.modelcontextprotocol/tasks\":{}}"u8);
        buffer.Raw(HasServers(exchange) ? ",\"resources\":{\"subscribe\":true,\"listChanged\":true},\"prompts\":{\"listChanged\":true},\"completions\":{}}"u8 : "}"u8);
        buffer.Raw(",\"instructions\":"u8).Text(ServerIdentity.Instructions).Raw(s_cacheHints).Raw("}}"u8);
        await exchange.ReplyAsync(buffer);
    }

    private async Task ListToolsAsync(McpExchange exchange)
    {
        using var buffer = new ReplyBuffer();
        Begin(buffer, exchange).Raw(","u8);
        var shown = tools.Of(exchange.Caller, ModernRequests.Session(exchange));
        ListPages.WriteTools(buffer, shown, r => tools.IsListed(exchange.Scope, r), exchange.Message.Cursor, (ToolShape.Full, exchange.Dialect, ServerTools.IsWhole(exchange.Scope, shown)));
        buffer.Raw(s_cacheHints).Raw("}}"u8);
        await exchange.ReplyAsync(buffer);
    }

    private async Task ReadKeptAsync(McpExchange exchange)
    {
        using var buffer = new ReplyBuffer();
        Begin(buffer, exchange).Raw(","u8);
        if (!kept.TryWrite(buffer, exchange.Caller, exchange.Message.Uri!))
        {
            throw new JsonRpcException(JsonRpcCodes.InvalidParams, "nothing is kept under this URI (any more): call the tool again", exchange.Message.Id);
        }

        await exchange.ReplyAsync(buffer.Raw(s_cacheHints).Raw("}}"u8));
    }

    private async Task ListAsync(McpExchange exchange)
    {
        var kind = ServerListKind.Of(exchange.Message.Method!)!;
        var items = await lists.ListAsync(exchange.Caller, ModernRequests.Session(exchange), exchange.Scope, kind, exchange.Aborted);
        using var buffer = new ReplyBuffer();
        ListPages.WriteItems(Begin(buffer, exchange).Raw(","u8), kind.Member, items);
        buffer.Raw(s_cacheHints).Raw("}}"u8);
        await exchange.ReplyAsync(buffer);
    }

    private static ReplyBuffer Begin(ReplyBuffer buffer, McpExchange exchange) =>
        buffer.Result(exchange.Message.Id).Raw("{\"resultType\":\"complete\",\"_meta\":"u8).Raw(ServerIdentity.ResultMeta);
}
