using System.Globalization;

using Microsoft.AspNetCore.Http;

using ToolRuntime.Bus.Sessions;
using ToolRuntime.Functions;
using ToolRuntime.Gateway.Calls;
using ToolRuntime.Gateway.Catalog;
using ToolRuntime.Gateway.Federation;
using ToolRuntime.Gateway.Mcp.Wire;
using ToolRuntime.Gateway.Payloads;
using ToolRuntime.Gateway.Routing;
using ToolRuntime.Gateway.Streams;

namespace ToolRuntime.Gateway.Mcp.Legacy;

/// <summary>
/// Calls of clients with a session. A client that loses its stream resumes it by the last event's id, <c>invocation:sequence</c>; the call
/// goes on meanwhile. Questions to the client are requests on the stream, which it answers by a POST of its own.
/// </summary>
public sealed class LegacyCalls(CallGate gate, FunctionCalls functions, ServerRequests servers, ReplyKeeper keeper, LegacyOptions options)
{
    /// <summary>Serves <c>tools/call</c>.</summary>
    public async Task CallToolAsync(McpExchange exchange, LegacySession session)
    {
        var message = exchange.Message;
        var name = message.Name ?? throw new JsonRpcException(JsonRpcCodes.InvalidParams, "tools/call needs \"name\"", message.Id);
        if (!message.Arguments.IsEmpty && !RawJson.IsObject(message.Arguments))
        {
            throw new JsonRpcException(JsonRpcCodes.InvalidParams, "\"arguments\" must be an object", message.Id);
        }

        await StartAsync(exchange, session, () => gate.StartAsync(Request(exchange, session, name), exchange.Aborted));
    }

    /// <summary>Serves a request that an MCP server answers.</summary>
    public Task AskServerAsync(McpExchange exchange, LegacySession session) => StartAsync(exchange, session, async () =>
    {
        var request = (exchange.Message.Method!, exchange.Message.Params);
        return await servers.StartAsync(exchange.Caller, session.Id, exchange.Scope, request, Options(session), exchange.Aborted)
            ?? throw new JsonRpcException(
                exchange.Message.Uri is null ? JsonRpcCodes.InvalidParams : JsonRpcCodes.ResourceNotFound,
                "no MCP server here has what the request names",
                exchange.Message.Id);
    });

    private async Task StartAsync(McpExchange exchange, LegacySession session, Func<ValueTask<ICall>> start)
    {
        var message = exchange.Message;
        ICall call;
        try
        {
            call = await start();
            session.KeepsState |= SessionTools.KeepsState(call.Route.Version);
        }
        catch (FunctionFaultException refused)
        {
            using var buffer = new ReplyBuffer();
            Fail(buffer, message.Id, refused.Fault, session.Revision);
            await exchange.ReplyAsync(buffer);
            return;
        }

        var kept = new LegacyCall(call, message.Id, exchange.Meta.ProgressToken);
        session.Keep(kept);
        await RunAsync(exchange.Context, session, kept, call);
    }

    /// <summary>Goes on with a stream that was lost.</summary>
    /// <returns>False when the id is not of a call of this session.</returns>
    public async Task<bool> ResumeAsync(HttpContext context, LegacySession session, string lastEventId)
    {
        var split = lastEventId.IndexOf(':', StringComparison.Ordinal);
        if (split < 0
            || !ulong.TryParse(lastEventId.AsSpan(split + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var sequence)
            || session.Find(lastEventId[..split]) is not { } kept)
        {
            return false;
        }

        var call = await functions.RejoinAsync(kept.Invocation, kept.Call.Route, sequence, context.RequestAborted);
        await RunAsync(context, session, kept, call);
        return true;
    }

    private async Task RunAsync(HttpContext context, LegacySession session, LegacyCall kept, ICall call)
    {
        await using (call)
        {
            using var reply = new Reply(context)
            {
                Opening = session.Revision.Primes
                    ? (stream, cancellationToken) => stream.PrimeAsync($"{call.Invocation.Id}:0", options.Retry, cancellationToken)
                    : null,
            };
            keeper.Watch(reply);
            try
            {
                await FollowAsync(session, kept, call, reply);
            }
            catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
            {
                // A lost connection is no cancel in this era: the client may come back for the rest.
            }
            finally
            {
                keeper.Leave(reply);
                await reply.CloseAsync();
            }
        }
    }

    private static async Task FollowAsync(LegacySession session, LegacyCall kept, ICall call, Reply reply)
    {
        var notes = new CallNotes(kept.ProgressToken, () => session.LogLevel);
        using var buffer = new ReplyBuffer();
        while (true)
        {
            var item = await call.NextAsync(reply.Aborted);
            buffer.Clear();
            switch (item.Event.Kind)
            {
                case EventKind.Completed:
                    kept.IsOver = true;
                    CallResult.WriteResponse(buffer, kept.RequestId, item.Event.Data, call.Route, session.Revision);
                    await reply.FinishAsync(200, EventId(item), buffer.Written, reply.Aborted);
                    return;
                case EventKind.Failed or EventKind.Gone:
                    kept.IsOver = true;
                    Fail(buffer, kept.RequestId, FaultMapping.Read(item.Event), session.Revision);
                    await reply.FinishAsync(200, EventId(item), buffer.Written, reply.Aborted);
                    return;
                case EventKind.InputRequired:
                    await AskAsync(session, call, item, reply);
                    break;
                default:
                    if (notes.TryWrite(buffer, item))
                    {
                        await reply.SendAsync(EventId(item), buffer.Written, reply.Aborted);
                    }

                    break;
            }
        }
    }

    private static async Task AskAsync(LegacySession session, ICall call, TopicEvent item, Reply reply)
    {
        using var buffer = new ReplyBuffer();
        foreach (var (id, request) in RawJson.Members(RawJson.Member(item.Event.Data, "requests"u8)))
        {
            var method = RawJson.Text(RawJson.Member(request, "method"u8)) ?? "";
            if (!session.CanAnswer(method))
            {
                await call.AnswerAsync(InputRequests.Refused(id, method), reply.Aborted);
                continue;
            }

            var parameters = RawJson.Member(request, "params"u8);
            buffer.Clear();
            buffer.Request($"{call.Invocation.Id}/{id}", method, parameters.IsEmpty ? "{}"u8 : parameters.Span);
            await reply.SendAsync(EventId(item), buffer.Written, reply.Aborted);
        }
    }

    private static string? EventId(TopicEvent item) => item.Sequence == 0 ? null : $"{item.Invocation}:{item.Sequence}";

    private static void Fail(ReplyBuffer buffer, ReadOnlyMemory<byte> id, FunctionFault fault, ProtocolRevision revision)
    {
        if (FaultMapping.JsonRpcCode(fault.Code) is { } code)
        {
            buffer.Error(new JsonRpcException(code, FaultMapping.Describe(fault)), id);
            return;
        }

        buffer.Result(id);
        CallResult.WriteFailed(buffer, fault, revision);
        buffer.End();
    }

    private static InvocationOptions Options(LegacySession session) =>
        InvocationOptions.Stream | (session.HasElicitation || session.HasSampling || session.HasRoots ? InvocationOptions.CanAsk : InvocationOptions.None);

    private static CallRequest Request(McpExchange exchange, LegacySession session, string name) => new()
    {
        Caller = exchange.Caller,
        Tool = name,
        Arguments = exchange.Message.Arguments,
        Dialect = exchange.Dialect,
        Parameters = exchange.Message.Params,
        Scope = exchange.Scope,
        Session = session.Id,
        Options = Options(session),
        IdempotencyKey = exchange.Meta.IdempotencyKey,
        Headers = exchange.Context.Request.Headers,
        TraceParent = exchange.Meta.TraceParent ?? exchange.Context.Request.Headers.TraceParent,
        TraceState = exchange.Meta.TraceState ?? exchange.Context.Request.Headers.TraceState,
    };
}
