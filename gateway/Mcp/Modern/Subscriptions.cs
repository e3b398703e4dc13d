using Microsoft.Extensions.Hosting;

using ToolRuntime.Gateway.Federation;
using ToolRuntime.Gateway.Mcp.Wire;
using ToolRuntime.Gateway.Payloads;
using ToolRuntime.Gateway.Streams;

namespace ToolRuntime.Gateway.Mcp.Modern;

/// <summary>
/// <c>subscriptions/listen</c>: the acknowledgement first, then what the client opted in to, each message with the subscription's id, and
/// a result when the server ends it. Changes that come faster than the client reads melt into one.
/// </summary>
public sealed class Subscriptions(ClientNotes notes, ResourceSubscriptions resources, TaskRequests tasks, ReplyKeeper keeper, IHostApplicationLifetime lifetime)
{
    /// <summary>Serves one subscription until the client leaves or the server stops.</summary>
    public async Task ListenAsync(McpExchange exchange)
    {
        var wanted = RawJson.Member(exchange.Message.Params, "notifications"u8);
        if (!RawJson.IsObject(wanted))
        {
            throw new JsonRpcException(JsonRpcCodes.InvalidParams, "subscriptions/listen needs the object \"notifications\"", exchange.Message.Id);
        }

        var (filter, session) = (SubscriptionFilter.Read(wanted), ModernRequests.Session(exchange));
        var waiting = new WaitingNotes();
        using var watch = notes.Subscribe(exchange.Caller, session, note => Keep(waiting, filter, note));
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(exchange.Aborted, lifetime.ApplicationStopping);
        using var reply = new Reply(exchange.Context);
        keeper.Watch(reply);
        try
        {
            var honoured = new HashSet<string>(StringComparer.Ordinal);
            await using var held = await resources.OpenAsync(exchange.Caller, session, exchange.Scope, (filter.Uris, uri => honoured.Add(uri)), ending.Token);
            var known = await tasks.KnownAsync(exchange, filter.TaskIds, ending.Token);
            await AcknowledgeAsync(exchange, reply, filter with { Uris = honoured, TaskIds = known });
            foreach (var id in known)
            {
                _ = tasks.WatchAsync(exchange.Caller.Tenant, id, waiting.Add, ending.Token);
            }

            while (true)
            {
                foreach (var note in await waiting.TakeAsync(ending.Token))
                {
                    await SendAsync(exchange, reply, note);
                }
            }
        }
        catch (OperationCanceledException) when (!exchange.Aborted.IsCancellationRequested)
        {
            await EndAsync(exchange, reply);
        }
        catch (OperationCanceledException)
        {
            // The client left: nothing is owed to it.
        }
        finally
        {
            keeper.Leave(reply);
            await reply.CloseAsync();
        }
    }

    private static void Keep(WaitingNotes waiting, SubscriptionFilter filter, ServerNote note)
    {
        if (filter.Accepts(note))
        {
            waiting.Add(note);
        }
    }

    private static async Task AcknowledgeAsync(McpExchange exchange, Reply reply, SubscriptionFilter honoured)
    {
        using var parameters = new ReplyBuffer();
        honoured.Write(Begin(parameters, exchange).Raw(",\"notifications\":"u8)).Raw("}"u8);
        await SendAsync(exchange, reply, "notifications/subscriptions/acknowledged", parameters);
    }

    private static async Task SendAsync(McpExchange exchange, Reply reply, ServerNote note)
    {
        using var parameters = new ReplyBuffer();
        Begin(parameters, exchange);
        foreach (var (name, value) in RawJson.Members(note.Parameters).Where(m => m.Key != "_meta"))
        {
            parameters.Raw(","u8).Text(name).Raw(":"u8).Raw(value.Span);
        }

        parameters.Raw("}"u8);
        await SendAsync(exchange, reply, note.Method, parameters);
    }

    private static async Task SendAsync(McpExchange exchange, Reply reply, string method, ReplyBuffer parameters)
    {
        using var buffer = new ReplyBuffer();
        buffer.Notification(method, parameters.Written.Span);
        await reply.SendAsync(null, buffer.Written, exchange.Aborted);
    }

    private static ReplyBuffer Begin(ReplyBuffer parameters, McpExchange exchange) =>
        parameters.Raw("{\"_meta\":{\"io.modelcontextprotocol/subscriptionId\":"u8).Raw(exchange.Message.Id.Span).Raw("}"u8);

    private static async Task EndAsync(McpExchange exchange, Reply reply)
    {
        using var buffer = new ReplyBuffer();
        buffer.Result(exchange.Message.Id).Raw("{\"resultType\":\"complete\",\"_meta\":{\"io.modelcontextprotocol/subscriptionId\":"u8);
        buffer.Raw(exchange.Message.Id.Span).Raw(",\"io.modelcontextprotocol/serverInfo\":"u8).Raw(ServerIdentity.Implementation).Raw("}}}"u8);
        await reply.FinishAsync(200, null, buffer.Written, exchange.Aborted);
    }
}
