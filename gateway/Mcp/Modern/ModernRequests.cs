using ToolRuntime.Functions;
using ToolRuntime.Gateway.Calls;
using ToolRuntime.Gateway.Catalog;
using ToolRuntime.Gateway.Federation;
using ToolRuntime.Gateway.Jobs;
using ToolRuntime.Gateway.Mcp.Wire;
using ToolRuntime.Gateway.Payloads;
using ToolRuntime.Gateway.Routing;

namespace ToolRuntime.Gateway.Mcp.Modern;

/// <summary>From a request of the stateless era to its call: a new one, or the one that a retry with <c>requestState</c> goes on with.</summary>
public sealed class ModernRequests(CallGate gate, FunctionCalls functions, ServerTools tools, ServerRequests servers, RequestStates states, JobDesk jobs, TimeProvider time)
{
    /// <summary>The call of a request.</summary>
    /// <exception cref="JsonRpcException">The request is wrong, or its state is not valid.</exception>
    /// <exception cref="FunctionFaultException">The call is refused.</exception>
    public async ValueTask<StartedRequest> StartAsync(McpExchange exchange, CallNotes notes)
    {
        if (exchange.Message.RequestState is not null)
        {
            return await RejoinAsync(exchange, Reopen(exchange));
        }

        var options = InvocationOptions.CanAsk | (notes.Wanted ? InvocationOptions.Stream : InvocationOptions.None);
        if (exchange.Message.Method == "tools/call")
        {
            return await StartToolAsync(exchange, options);
        }

        var request = (exchange.Message.Method!, exchange.Message.Params);
        return new StartedRequest(await servers.StartAsync(exchange.Caller, Session(exchange), exchange.Scope, request, options, exchange.Aborted) ?? throw Unknown(exchange), null);
    }

    /// <summary>Digest that binds a state to what was asked for.</summary>
    public static string Digest(McpExchange exchange)
    {
        var message = exchange.Message;
        return RequestStates.Digest($"{message.Method}\n{message.Name}\n{message.Uri}", message.Arguments);
    }

    /// <summary>The session that the request names, or null.</summary>
    public static string? Session(McpExchange exchange) => exchange.Meta.Session is not { } session || Ids.IsValid(session)
        ? exchange.Meta.Session
        : throw new JsonRpcException(JsonRpcCodes.InvalidParams, $"_meta \"{RequestMeta.SessionKey}\" must be 20 to 64 of a-z and 0-9", exchange.Message.Id);

    private static JsonRpcException Unknown(McpExchange exchange)
    {
        var message = exchange.Message;
        return message.Uri is { } uri
            ? new JsonRpcException(JsonRpcCodes.InvalidParams, "there is no such resource", message.Id, $$"""{"uri":"{{System.Text.Json.JsonEncodedText.Encode(uri)}}"}""")
            : new JsonRpcException(JsonRpcCodes.InvalidParams, $"there is nothing named '{message.Name}' here", message.Id);
    }

    /// <summary>A call, or where the tool and the client want that the task which it becomes at once.</summary>
    private async ValueTask<StartedRequest> StartToolAsync(McpExchange exchange, InvocationOptions options)
    {
        var route = RouteOf(exchange);
        var support = TaskRequests.Decide(exchange, route);
        options |= support == TaskSupport.AfterInput ? JobDesk.Options : InvocationOptions.None;
        var call = ToolCall(exchange, route, options);
        return support is TaskSupport.Optional or TaskSupport.Required
            ? new StartedRequest(null, await gate.StartJobAsync(call, TimeSpan.Zero, exchange.Aborted))
            : new StartedRequest(await gate.StartAsync(call, exchange.Aborted), null);
    }

    private ToolRoute? RouteOf(McpExchange exchange) =>
        exchange.Message.Name is { } name ? tools.Of(exchange.Caller, Session(exchange)).Find(name) : null;

    private static CallRequest ToolCall(McpExchange exchange, ToolRoute? route, InvocationOptions options)
    {
        var message = exchange.Message;
        var name = message.Name ?? throw new JsonRpcException(JsonRpcCodes.InvalidParams, "tools/call needs \"name\"", message.Id);
        if (!message.Arguments.IsEmpty && !RawJson.IsObject(message.Arguments))
        {
            throw new JsonRpcException(JsonRpcCodes.InvalidParams, "\"arguments\" must be an object", message.Id);
        }

        if (route is { HeaderParameters.Count: > 0 })
        {
            ModernHeaders.CheckParameters(exchange.Context.Request.Headers, message, route);
        }

        return new CallRequest
        {
            Caller = exchange.Caller,
            Tool = name,
            Arguments = message.Arguments,
            Dialect = exchange.Dialect,
            Parameters = message.Params,
            Scope = exchange.Scope,
            Session = Session(exchange),
            Options = options,
            IdempotencyKey = exchange.Meta.IdempotencyKey,
            Headers = exchange.Context.Request.Headers,
            TraceParent = exchange.Meta.TraceParent ?? exchange.Context.Request.Headers.TraceParent,
            TraceState = exchange.Meta.TraceState ?? exchange.Context.Request.Headers.TraceState,
        };
    }

    private RequestState Reopen(McpExchange exchange)
    {
        var state = states.Open(exchange.Message.RequestState!, exchange.Caller, time.GetUtcNow());
        return state is not null && state.Request == Digest(exchange)
            ? state
            : throw new JsonRpcException(
                JsonRpcCodes.InvalidParams,
                "requestState is not valid for this caller and request, or has expired: call again without it",
                exchange.Message.Id);
    }

    private async ValueTask<StartedRequest> RejoinAsync(McpExchange exchange, RequestState state)
    {
        var answers = InputRequests.Answers(state.Asked, exchange.Message.InputResponses);
        var sequence = answers is null ? state.Sequence - 1 : state.Sequence;
        var call = gate.RejoinServer(state.Invocation, exchange.Caller, sequence) ?? await RejoinFunctionAsync(exchange, state, sequence);
        if (answers is not null)
        {
            await call.AnswerAsync(answers, exchange.Aborted);
        }

        // A tool that asks first and goes on as a task has its answers.
        var isTask = answers is not null && call.Route.Tasks == TaskSupport.AfterInput && TaskRequests.IsDeclared(exchange);
        return new StartedRequest(call, isTask ? await jobs.AdoptAsync(call.Invocation, exchange.Aborted) : null);
    }

    private ValueTask<ICall> RejoinFunctionAsync(McpExchange exchange, RequestState state, ulong sequence)
    {
        var route = tools.Of(exchange.Caller, Session(exchange)).Find(state.Tool)
            ?? throw new FunctionFaultException(FaultCode.ToolNotFound, $"'{state.Tool}' no longer waits for an answer", "call again without requestState");
        var invocation = new Invocation
        {
            Id = state.Invocation,
            Session = state.Session,
            SessionIsExplicit = state.SessionIsExplicit,
            Caller = exchange.Caller,
            Pool = route.Version.Pool,
            Function = route.Version.Manifest.Name,
            Version = route.Version.Digest,
            Tool = state.Tool,
            Arguments = default,
            AcceptedAt = state.AcceptedAt,
            Deadline = state.Deadline,
        };
        return functions.RejoinAsync(invocation, route, sequence, exchange.Aborted);
    }
}
