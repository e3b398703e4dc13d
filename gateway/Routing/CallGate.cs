using System.Text.Json;

using ToolRuntime.Bus.Jobs;
using ToolRuntime.Functions;
using ToolRuntime.Gateway.ApiCalls;
using ToolRuntime.Gateway.Apis;
using ToolRuntime.Gateway.Calls;
using ToolRuntime.Gateway.Catalog;
using ToolRuntime.Gateway.Federation;
using ToolRuntime.Gateway.Telemetry;
using ToolRuntime.OpenApi.Schemas;

namespace ToolRuntime.Gateway.Routing;

/// <summary>
/// The way of a call through the gateway. 1: the protocol's face has read the call and its <see cref="Caller"/>. 2: the catalog resolves
/// the tool's name to a route, the policy decides, the arguments are checked. 3: the call goes to the API or the MCP server, or into the
/// queue. 9: the face turns the last event into its protocol's result.
/// </summary>
public sealed class CallGate(ServerTools tools, SessionTools sessions, CallStarters starters, CallRecord record, TimeProvider time)
{
    private static readonly byte[] s_noArguments = "{}"u8.ToArray();

    /// <summary>Steps 2 and 3.</summary>
    /// <exception cref="FunctionFaultException">The call is refused; the refusal stands in the record.</exception>
    public async ValueTask<ICall> StartAsync(CallRequest request, CancellationToken cancellationToken)
    {
        var (invocation, route, owner) = await DecideAsync(request, cancellationToken);
        if (request.IdempotencyKey is { } key && !PassedHeaders.Of(request.Headers, route).Keys.Contains("Idempotency-Key", StringComparer.OrdinalIgnoreCase))
        {
            return route.CanBeJob
                ? await starters.Keyed.StartAsync(key, invocation, route, owner, cancellationToken)
                : throw new FunctionFaultException(FaultCode.NotSupported, $"'{request.Tool}' is no function, and only calls of those can have an idempotency key", "leave the key out, or wrap the tool in a function");
        }

        return route switch
        {
            { Api.Verb: ApiVerb.Script } => await starters.Functions.EnqueueAsync(invocation, route, owner, cancellationToken),
            { Api: not null } or { Own: not null } => starters.Apis.Start(invocation, route, PassedHeaders.Of(request.Headers, route), request.Dialect),
            { IsMcpServer: true } => await starters.Servers.StartAsync(invocation, route, request.Parameters, cancellationToken),
            _ => await starters.Functions.EnqueueAsync(invocation, route, owner, cancellationToken),
        };
    }

    /// <summary>Steps 2 and 3 of a call that nobody waits for; returns once it is sure to run.</summary>
    /// <exception cref="FunctionFaultException">The call is refused, or its tool is none of a function.</exception>
    public async ValueTask<JobRecord> StartJobAsync(CallRequest request, TimeSpan delay, CancellationToken cancellationToken)
    {
        var (invocation, route, owner) = await DecideAsync(request, cancellationToken);
        if (!route.CanBeJob)
        {
            throw new FunctionFaultException(FaultCode.NotSupported, $"'{invocation.Tool}' is answered by an API or an MCP server, and cannot be a job", "call it plainly, or from a function that is called as a job");
        }

        return request.IdempotencyKey is { } key
            ? await starters.Keyed.StartJobAsync(key, invocation, owner, delay, cancellationToken)
            : await starters.Jobs.StartAsync(invocation, owner, delay, cancellationToken);
    }

    private async ValueTask<(Invocation Invocation, ToolRoute Route, string? Owner)> DecideAsync(CallRequest request, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var (route, owner, isNewer) = await ResolveAsync(request, cancellationToken);
        if (route?.Api is { Verb: ApiVerb.Call } hidden)
        {
            (request, route) = (Named(request, out var inner), hidden.Source.Find(inner) is null ? null : tools.Of(request.Caller, null).Find(inner) is { } found && request.Scope.Has(found) ? found : null);
        }

        if (request.Dialect == SchemaDialect.OpenAiStrict && route?.Api?.Tool is { } tool && !request.Arguments.IsEmpty)
        {
            request = request with { Arguments = OpenAiArguments.Restore(tool.InputSchema, JsonElement.Parse(request.Arguments.Span)) };
        }

        var invocation = Accept(request, route, now);
        if ((Refusal(route, isNewer, ref invocation) ?? Scripted(route, ref invocation)) is { } fault)
        {
            await record.EndedAsync(invocation, fault.Code, 0, cancellationToken);
            GatewayMetrics.Refused(fault.Code);
            throw new FunctionFaultException(fault);
        }

        return (invocation, route!, owner);
    }

    /// <summary>Joins a request to an MCP server that waits for its client, or null when it is none.</summary>
    public ICall? RejoinServer(string invocation, Caller caller, ulong sequence) => starters.Servers.Rejoin(invocation, caller, sequence);

    /// <summary>The call that is meant by one of an API's tool for calling what lists do not show.</summary>
    private static CallRequest Named(CallRequest request, out string tool)
    {
        (tool, var arguments) = HiddenCall.Read(request.Arguments);
        return request with { Tool = tool, Arguments = arguments };
    }

    private static FunctionFault? Refusal(ToolRoute? route, bool isNewer, ref Invocation invocation)
    {
        if (route is null)
        {
            return isNewer
                ? new FunctionFault(FaultCode.ToolNotFound, $"this session goes on with an earlier version of a function, which has no tool '{invocation.Tool}'", "begin a new session to use what was deployed since")
                : new FunctionFault(FaultCode.ToolNotFound, $"there is no tool '{invocation.Tool}'", "list the tools to see their names");
        }

        var decision = CallPolicy.Decide(invocation.Caller, route, invocation.Arguments, invocation.AcceptedAt);
        if (!decision.IsAllowed)
        {
            invocation = invocation with { Decision = decision.Record };
            return new FunctionFault(FaultCode.Denied, decision.Record);
        }

        return route.IsMcpServer ? null : ArgumentCheck.Refuse(route, invocation.Arguments);
    }

    /// <summary>A script gets its client with it; why it cannot, or null.</summary>
    private static FunctionFault? Scripted(ToolRoute? route, ref Invocation invocation)
    {
        if (route?.Api is not { Verb: ApiVerb.Script } api)
        {
            return null;
        }

        try
        {
            invocation = invocation with { Arguments = api.Source.ScriptArguments(invocation.Arguments) };
            return null;
        }
        catch (FunctionFaultException refused)
        {
            return refused.Fault;
        }
    }

    private static Invocation Accept(CallRequest request, ToolRoute? route, DateTimeOffset now)
    {
        var end = now + TimeSpan.FromSeconds(route?.Version.Manifest.TimeoutSeconds ?? 0);
        return new Invocation
        {
            Id = request.Id ?? Ids.New(),
            Session = request.Session ?? Ids.New(),
            SessionIsExplicit = request.SessionIsExplicit ?? request.Session is not null,
            Caller = request.Caller,
            Pool = route?.Version.Pool ?? "",
            Function = route?.Version.Manifest.Name ?? "",
            Version = route?.Version.Digest ?? "",
            Tool = request.Tool,
            Arguments = request.Arguments.IsEmpty ? s_noArguments : request.Arguments,
            AcceptedAt = now,
            Deadline = request.Deadline is { } outer && outer < end ? outer : end,
            Options = request.Options,
            Retry = route?.Version.Manifest.Retry ?? RetryPolicy.Never,
            Parent = request.Parent,
            Chain = request.Chain,
            TraceParent = request.TraceParent,
            TraceState = request.TraceState,
        };
    }

    /// <summary>
    /// Where the tool leads, and the runtime that owns the session where it leads to a sandbox of the session. Only then is the session
    /// looked up: a tool whose sandboxes are shared costs no question.
    /// </summary>
    private async ValueTask<(ToolRoute? Route, string? Owner, bool IsNewer)> ResolveAsync(CallRequest request, CancellationToken cancellationToken)
    {
        var named = request.SessionIsExplicit ?? true ? request.Session : null;
        var route = tools.Of(request.Caller, named).Find(request.Tool);
        if (route is not null && !request.Scope.Has(route))
        {
            return default;
        }

        if (named is not { } session || (route is not null && !SessionTools.KeepsState(route.Version)))
        {
            return (route, null, false);
        }

        var (present, owner) = await sessions.FindAsync(request.Caller.Tenant, session, cancellationToken);
        var own = tools.Of(request.Caller, session, present).Find(request.Tool);
        return (own, owner, own is null && route is not null);
    }
}
