using Microsoft.AspNetCore.Http;

using ToolRuntime.Functions;
using ToolRuntime.Gateway.Apis;
using ToolRuntime.Gateway.Catalog;
using ToolRuntime.Gateway.Federation;
using ToolRuntime.Gateway.Mcp.Wire;
using ToolRuntime.Gateway.Payloads;
using ToolRuntime.Gateway.Streams;

namespace ToolRuntime.Gateway.Mcp.Legacy;

/// <summary>MCP 2024-11-05 to 2025-11-25 over streamable HTTP: a handshake, a session, a stream for what belongs to no request.</summary>
public sealed class LegacyEndpoint(ServerTools tools, SessionTools sessionTools, ClientNotes notes, ServerLists lists, LegacySessions sessions, LegacyCalls calls, KeptAnswers kept, ReplyKeeper keeper, TimeProvider time)
{
    /// <summary>Header that names the session.</summary>
    public const string SessionHeader = "Mcp-Session-Id";

    /// <summary>Serves one POST.</summary>
    /// <exception cref="JsonRpcException">It cannot be served.</exception>
    public async Task PostAsync(McpExchange exchange)
    {
        if (exchange.Message.Method == "initialize")
        {
            await InitializeAsync(exchange);
            return;
        }

        if (await FindAsync(exchange.Context, exchange.Caller, exchange.Scope) is not { } session)
        {
            return;
        }

        if (exchange.Message.IsRequest)
        {
            await AnswerAsync(exchange, session);
            return;
        }

        await TakeAsync(exchange, session);
        exchange.Context.Response.StatusCode = StatusCodes.Status202Accepted;
    }

    /// <summary>Serves a GET: the session's own stream, or with <c>Last-Event-ID</c> the rest of a lost one.</summary>
    public async Task GetAsync(HttpContext context, Caller caller, ToolScope scope)
    {
        if (await FindAsync(context, caller, scope) is not { } session)
        {
            return;
        }

        var last = context.Request.Headers["Last-Event-ID"];
        if (last.Count > 0)
        {
            if (!await calls.ResumeAsync(context, session, last.ToString()))
            {
                context.Response.StatusCode = StatusCodes.Status404NotFound;
            }

            return;
        }

        await ListenAsync(context, session);
    }

    /// <summary>Serves a DELETE: the session and what runs in it end.</summary>
    public async Task DeleteAsync(HttpContext context, Caller caller, ToolScope scope)
    {
        if (await FindAsync(context, caller, scope) is not { } session)
        {
            return;
        }

        sessions.Remove(session);
        foreach (var call in session.Running)
        {
            await call.Call.CancelAsync(context.RequestAborted);
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private async Task InitializeAsync(McpExchange exchange)
    {
        var message = exchange.Message;
        if (!message.IsRequest)
        {
            throw new JsonRpcException(JsonRpcCodes.InvalidRequest, "initialize is a request and needs an id");
        }

        var requested = RawJson.Text(RawJson.Member(message.Params, "protocolVersion"u8))
            ?? throw new JsonRpcException(JsonRpcCodes.InvalidParams, "initialize needs \"protocolVersion\"", message.Id);
        var session = new LegacySession(
            exchange.Caller,
            ProtocolRevision.Negotiate(requested),
            RawJson.Member(message.Params, "capabilities"u8),
            time.GetTimestamp())
        {
            Scope = exchange.Scope.Name,
            Listed = tools.Of(exchange.Caller, null),
        };
        sessions.Add(session);
        exchange.Context.Response.Headers[SessionHeader] = session.Id;
        using var buffer = new ReplyBuffer();
        buffer.Result(message.Id).Raw("{\"protocolVersion\":"u8).Text(session.Revision.Name);
        buffer.Raw(",\"capabilities\":{\"tools\":{\"listChanged\":true},\"logging\":{}"u8);
        buffer.Raw(lists.HasServers(exchange.Caller.Tenant, exchange.Scope) ? ",\"resources\":{\"subscribe\":true,\"listChanged\":true},\"prompts\":{\"listChanged\":true},\"completions\":{}}"u8 : "}"u8);
        buffer.Raw(",\"serverInfo\":"u8).Raw(ServerIdentity.Implementation);
        buffer.Raw(",\"instructions\":"u8).Text(ServerIdentity.Instructions).Raw("}}"u8);
        await exchange.ReplyAsync(buffer);
    }

    private async Task AnswerAsync(McpExchange exchange, LegacySession session)
    {
        if (exchange.Message.Method == "tools/call")
        {
            await calls.CallToolAsync(exchange, session);
            return;
        }

        if (exchange.Message.Method == "resources/read" && KeptAnswers.IsOne(exchange.Message.Uri))
        {
            await ReadKeptAsync(exchange);
            return;
        }

        if (ServerRequests.Serves(exchange.Message.Method!) && lists.HasServers(exchange.Caller.Tenant, exchange.Scope))
        {
            await calls.AskServerAsync(exchange, session);
            return;
        }

        using var buffer = new ReplyBuffer();
        buffer.Result(exchange.Message.Id).Raw("{"u8);
        switch (exchange.Message.Method)
        {
            case "tools/list":
                session.Listed = tools.Of(exchange.Caller, session.Id);
                var present = await sessionTools.OfAsync(exchange.Caller.Tenant, session.KeepsState ? session.Id : null, exchange.Aborted);
                var shown = tools.Of(exchange.Caller, session.Id, present);
                ListPages.WriteTools(buffer, shown, r => tools.IsListed(exchange.Scope, r), exchange.Message.Cursor, (session.Revision.Shape, exchange.Dialect, ServerTools.IsWhole(exchange.Scope, shown)));
                break;
            case "ping":
                break;
            case "resources/list" or "resources/templates/list" or "prompts/list" when lists.HasServers(exchange.Caller.Tenant, exchange.Scope):
                var kind = ServerListKind.Of(exchange.Message.Method)!;
                session.KeepsState = true;
                ListPages.WriteItems(buffer, kind.Member, await lists.ListAsync(exchange.Caller, session.Id, exchange.Scope, kind, exchange.Aborted));
                break;
            case "logging/setLevel":
                session.LogLevel = LogSeverities.TryParse(RawJson.Text(RawJson.Member(exchange.Message.Params, "level"u8)))
                    ?? throw new JsonRpcException(JsonRpcCodes.InvalidParams, "\"level\" must be one of debug, info, notice, warning, error, critical, alert, emergency", exchange.Message.Id);
                break;
            default:
                throw new JsonRpcException(JsonRpcCodes.MethodNotFound, $"there is no method '{exchange.Message.Method}'", exchange.Message.Id);
        }

        await exchange.ReplyAsync(buffer.Raw("}}"u8));
    }

    private async Task ReadKeptAsync(McpExchange exchange)
    {
        using var buffer = new ReplyBuffer();
        buffer.Result(exchange.Message.Id).Raw("{"u8);
        if (!kept.TryWrite(buffer, exchange.Caller, exchange.Message.Uri!))
        {
            throw new JsonRpcException(JsonRpcCodes.ResourceNotFound, "nothing is kept under this URI (any more): call the tool again", exchange.Message.Id);
        }

        await exchange.ReplyAsync(buffer.Raw("}}"u8));
    }

    private static async Task TakeAsync(McpExchange exchange, LegacySession session)
    {
        if (exchange.Message.Method is null)
        {
            await LegacyAnswers.DeliverAsync(session, exchange.Message, exchange.Aborted);
        }
        else if (exchange.Message.Method == "notifications/cancelled"
            && session.FindByRequest(RawJson.Member(exchange.Message.Params, "requestId"u8).Span) is { } call)
        {
            await call.Call.CancelAsync(exchange.Aborted);
        }
    }

    private async Task ListenAsync(HttpContext context, LegacySession session)
    {
        var listener = new LegacyListener();
        using var changes = notes.Subscribe(session.Caller, session.Id, note => _ = session.IsNewest(listener) && session.Wants(note) && listener.TrySend(LegacyListener.Write(note)));
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, session.Ended);
        using var reply = new Reply(context);
        session.Listen(listener);
        if (!ReferenceEquals(session.Listed, tools.Of(session.Caller, session.Id)))
        {
            // It changed before the client listened.
            listener.TrySend(LegacyListener.Write(new ServerNote(ServerNote.ToolsChanged, default)));
        }

        keeper.Watch(reply);
        try
        {
            await reply.KeepAliveAsync(ending.Token);
            await foreach (var message in listener.ReadAsync(ending.Token))
            {
                await reply.SendAsync(null, message, ending.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The client left or the session ended: either way the stream is over.
        }
        finally
        {
            keeper.Leave(reply);
            await reply.CloseAsync();
        }
    }

    private async ValueTask<LegacySession?> FindAsync(HttpContext context, Caller caller, ToolScope scope)
    {
        var id = context.Request.Headers[SessionHeader];
        if (id.Count == 1 && sessions.Find(id.ToString(), caller) is { } session && session.Scope == scope.Name)
        {
            return session;
        }

        using var buffer = new ReplyBuffer();
        var message = id.Count == 0 ? $"header {SessionHeader} is missing: send initialize first" : "the session is not known here, or has ended: send initialize again";
        buffer.Error(new JsonRpcException(JsonRpcCodes.InvalidRequest, message), default);
        await JsonReply.WriteAsync(context, id.Count == 0 ? StatusCodes.Status400BadRequest : StatusCodes.Status404NotFound, buffer.Written, context.RequestAborted);
        return null;
    }
}
