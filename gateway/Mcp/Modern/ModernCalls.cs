using System.Text;

using ToolRuntime.Bus.Sessions;
using ToolRuntime.Functions;
using ToolRuntime.Gateway.Calls;
using ToolRuntime.Gateway.Federation;
using ToolRuntime.Gateway.Mcp.Wire;
using ToolRuntime.Gateway.Payloads;
using ToolRuntime.Gateway.Streams;

namespace ToolRuntime.Gateway.Mcp.Modern;

/// <summary>
/// Calls in the stateless era: one request, one answer, which becomes a stream when something precedes the result. A client that closes
/// the stream cancels the call. A question to the client ends the request; the client's retry goes on with the same invocation.
/// </summary>
public sealed class ModernCalls(ModernRequests requests, RequestStates states, ReplyKeeper keeper, CallOptions options, TimeProvider time)
{
    private static readonly TimeSpan s_cancelPatience = TimeSpan.FromSeconds(5);

    /// <summary>Serves a request that becomes a call: <c>tools/call</c>, <c>prompts/get</c>, <c>resources/read</c>, <c>completion/complete</c>.</summary>
    public async Task RunAsync(McpExchange exchange)
    {
        var level = LogSeverities.TryParse(exchange.Meta.LogLevel);
        var notes = new CallNotes(exchange.Meta.ProgressToken, () => level);
        StartedRequest started;
        try
        {
            started = await requests.StartAsync(exchange, notes);
        }
        catch (FunctionFaultException refused)
        {
            await RefuseAsync(exchange, refused.Fault);
            return;
        }

        if (started.Task is { } task)
        {
            await using var left = started.Call;
            await TaskRequests.CreatedAsync(exchange, task);
            return;
        }

        var call = started.Call!;
        await using (call)
        {
            using var reply = new Reply(exchange.Context);
            keeper.Watch(reply);
            try
            {
                await FollowAsync(exchange, call, notes, reply);
            }
            catch (OperationCanceledException) when (exchange.Aborted.IsCancellationRequested && exchange.Meta.IdempotencyKey is not null)
            {
                // Whoever has the key can come back: the call goes on.
            }
            catch (OperationCanceledException) when (exchange.Aborted.IsCancellationRequested)
            {
                // Closing the stream is how this era cancels; the signal must outlive the request.
                using var patience = new CancellationTokenSource(s_cancelPatience, time);
                await call.CancelAsync(patience.Token);
            }
            finally
            {
                keeper.Leave(reply);
                await reply.CloseAsync();
            }
        }
    }

    private async Task FollowAsync(McpExchange exchange, ICall call, CallNotes notes, Reply reply)
    {
        using var buffer = new ReplyBuffer();
        while (true)
        {
            var item = await call.NextAsync(exchange.Aborted);
            buffer.Clear();
            switch (item.Event.Kind)
            {
                case EventKind.Completed:
                    CallResult.WriteResponse(buffer, exchange.Message.Id, item.Event.Data, call.Route, ProtocolRevision.Modern);
                    await reply.FinishAsync(200, null, buffer.Written, exchange.Aborted);
                    return;
                case EventKind.Failed or EventKind.Gone:
                    await FailAsync(exchange, FaultMapping.Read(item.Event), reply, buffer);
                    return;
                case EventKind.InputRequired when await TryRefuseAsync(exchange, call, item):
                    break;
                case EventKind.InputRequired:
                    await AskAsync(exchange, call, item, (reply, buffer));
                    return;
                default:
                    if (notes.TryWrite(buffer, item))
                    {
                        await reply.SendAsync(null, buffer.Written, exchange.Aborted);
                    }

                    break;
            }
        }
    }

    /// <summary>
    /// A server of an older era goes on after a refusal, and may have asked of its own accord, beside the call: what this client cannot be
    /// asked is refused to it. True when nothing is left to ask.
    /// </summary>
    private static async ValueTask<bool> TryRefuseAsync(McpExchange exchange, ICall call, TopicEvent item)
    {
        var asked = InputRequests.Asked(item.Event.Data);
        if (call is not ServerCall { OutlivesRefusal: true } || asked.Values.Any(m => InputRequests.Capability(m) is not { } c || exchange.Meta.ClientHas(Encoding.UTF8.GetBytes(c))))
        {
            return false;
        }

        foreach (var (id, method) in asked)
        {
            await call.AnswerAsync(InputRequests.Refused(id, method), exchange.Aborted);
        }

        return true;
    }

    private async Task AskAsync(McpExchange exchange, ICall call, TopicEvent item, (Reply Reply, ReplyBuffer Buffer) to)
    {
        var asked = InputRequests.Asked(item.Event.Data);
        var unable = asked.Where(a => InputRequests.Capability(a.Value) is { } c && !exchange.Meta.ClientHas(Encoding.UTF8.GetBytes(c))).ToList();
        if (unable.Count == asked.Count)
        {
            await call.CancelAsync(exchange.Aborted);
            var error = InputRequests.Missing(call.Invocation.Tool, unable.Select(a => a.Value), exchange.Message.Id);
            await to.Reply.FinishAsync(error.Status, null, to.Buffer.Error(error, exchange.Message.Id).Written, exchange.Aborted);
            return;
        }

        foreach (var (id, method) in unable)
        {
            asked.Remove(id);
            await call.AnswerAsync(InputRequests.Refused(id, method), exchange.Aborted);
        }

        var state = new RequestState(
            call.Invocation.Id,
            call.Invocation.Session,
            TopicKey.Of(call.Invocation).SessionIsExplicit,
            call.Invocation.Tool,
            ModernRequests.Digest(exchange),
            item.Sequence,
            asked,
            call.Invocation.AcceptedAt,
            call.Invocation.Deadline,
            time.GetUtcNow() + options.InputLifetime);
        to.Buffer.Result(exchange.Message.Id).Raw("{\"resultType\":\"input_required\",\"_meta\":"u8).Raw(ServerIdentity.ResultMeta);
        InputRequests.Write(to.Buffer.Raw(",\"inputRequests\":"u8), item.Event.Data, asked);
        to.Buffer.Raw(",\"requestState\":"u8).Text(states.Seal(state, exchange.Caller)).Raw("}}"u8);
        await to.Reply.FinishAsync(200, null, to.Buffer.Written, exchange.Aborted);
    }

    private static async Task RefuseAsync(McpExchange exchange, FunctionFault fault)
    {
        using var reply = new Reply(exchange.Context);
        using var buffer = new ReplyBuffer();
        await FailAsync(exchange, fault, reply, buffer);
    }

    private static async Task FailAsync(McpExchange exchange, FunctionFault fault, Reply reply, ReplyBuffer buffer)
    {
        if (FaultMapping.JsonRpcCode(fault.Code) is { } code)
        {
            buffer.Error(new JsonRpcException(code, FaultMapping.Describe(fault)), exchange.Message.Id);
        }
        else
        {
            buffer.Result(exchange.Message.Id);
            CallResult.WriteFailed(buffer, fault, ProtocolRevision.Modern);
            buffer.End();
        }

        await reply.FinishAsync(200, null, buffer.Written, exchange.Aborted);
    }
}
