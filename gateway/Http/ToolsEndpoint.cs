using System.Globalization;

using Microsoft.AspNetCore.Http;

using ToolRuntime.Bus.Jobs;
using ToolRuntime.Bus.Sessions;
using ToolRuntime.Functions;
using ToolRuntime.Gateway.Auth;
using ToolRuntime.Gateway.Calls;
using ToolRuntime.Gateway.Catalog;
using ToolRuntime.Gateway.Jobs;
using ToolRuntime.Gateway.Mcp;
using ToolRuntime.Gateway.Payloads;
using ToolRuntime.Gateway.Routing;
using ToolRuntime.Gateway.Streams;

namespace ToolRuntime.Gateway.Http;

/// <summary>
/// Tools over plain HTTP. <c>POST /v1/tools/{name}</c>: the body is the arguments, the answer what the function gave
/// (<c>{"value"}</c> and/or <c>{"content"}</c>), or with <c>Accept: text/event-stream</c> its events as they come, each with an id. A lost
/// stream goes on with <c>GET /v1/tools/{name}?session=…</c> and <c>Last-Event-ID</c>. With <c>?async=1</c> the answer is 202 and a job's address, with
/// <c>&amp;delay=SECONDS</c> the job begins later.
/// </summary>
public sealed class ToolsEndpoint(CallerReader callers, ToolCatalog catalog, CallGate gate, FunctionCalls functions, ReplyKeeper keeper, McpOptions options, TimeProvider time)
{
    private const string InvocationHeader = "X-Invocation";
    private const string KeyHeader = "Idempotency-Key";
    private const string SessionHeader = "X-Session";
    private static readonly TimeSpan s_cancelPatience = TimeSpan.FromSeconds(5);

    /// <summary>Serves <c>GET /v1/tools</c>.</summary>
    public async Task ListAsync(HttpContext context)
    {
        if (await KnownCaller.ReadAsync(callers, context) is { } caller)
        {
            using var buffer = new ReplyBuffer();
            buffer.Raw("{\"tools\":["u8);
            var first = true;
            foreach (var route in catalog.Of(caller.Tenant).Sorted.ToArray())
            {
                buffer.Raw(first ? ""u8 : ","u8).Raw(route.Listing.For(ToolShape.Full));
                first = false;
            }

            await JsonReply.WriteAsync(context, StatusCodes.Status200OK, buffer.Raw("]}"u8).Written, context.RequestAborted);
        }
    }

    /// <summary>Serves <c>GET /v1/tools/{name}</c>: the tool, or the rest of a lost stream.</summary>
    public async Task GetAsync(HttpContext context, string name)
    {
        if (await KnownCaller.ReadAsync(callers, context) is not { } caller)
        {
            return;
        }

        if (catalog.Of(caller.Tenant).Find(name) is not { } route)
        {
            await ProblemReply.WriteAsync(context, new FunctionFault(FaultCode.ToolNotFound, $"there is no tool '{name}'", "list the tools to see their names"));
            return;
        }

        var last = context.Request.Headers["Last-Event-ID"];
        if (last.Count == 0)
        {
            await JsonReply.WriteAsync(context, StatusCodes.Status200OK, route.Listing.For(ToolShape.Full).ToArray(), context.RequestAborted);
            return;
        }

        await ResumeAsync(context, caller, route, last.ToString());
    }

    /// <summary>Serves <c>POST /v1/tools/{name}</c>.</summary>
    public async Task CallAsync(HttpContext context, string name)
    {
        if (await KnownCaller.ReadAsync(callers, context) is not { } caller || !await HasValidSessionAsync(context))
        {
            return;
        }

        try
        {
            var streams = WantsEvents(context.Request);
            var request = new CallRequest
            {
                Caller = caller,
                Tool = name,
                Arguments = await RequestBody.ReadAsync(context.Request, options.MaximumBodyBytes, context.RequestAborted),
                Session = Session(context),
                IdempotencyKey = context.Request.Headers[KeyHeader] is { Count: > 0 } key ? key.ToString() : null,
                Options = streams ? InvocationOptions.Stream : InvocationOptions.None,
                Headers = context.Request.Headers,
                TraceParent = context.Request.Headers.TraceParent,
                TraceState = context.Request.Headers.TraceState,
            };
            if (IsAsync(context.Request))
            {
                await StartJobAsync(context, request);
                return;
            }

            await using var call = await gate.StartAsync(request, context.RequestAborted);
            context.Response.Headers[InvocationHeader] = call.Invocation.Id;
            context.Response.Headers[SessionHeader] = call.Invocation.Session;
            await (streams ? StreamAsync(context, call) : AnswerAsync(context, call, isShared: request.IdempotencyKey is not null));
        }
        catch (FunctionFaultException refused)
        {
            await ProblemReply.WriteAsync(context, refused.Fault);
        }
        catch (BodyTooLargeException)
        {
            await ProblemReply.WriteAsync(context, StatusCodes.Status413PayloadTooLarge, "Body too large", $"the body is larger than {options.MaximumBodyBytes} bytes");
        }
    }

    private static bool IsAsync(HttpRequest request) => request.Query["async"] is { Count: > 0 } wanted && wanted.ToString() is "1" or "true";

    private static async Task AnswerWithAsync(HttpContext context, ICall call, TopicEvent last)
    {
        if (last.Event.Kind == EventKind.Completed)
        {
            await JsonReply.WriteAsync(context, StatusCodes.Status200OK, last.Event.Data, context.RequestAborted);
        }
        else
        {
            await ProblemReply.WriteAsync(context, FaultMapping.Read(last.Event), call.Invocation.Id);
        }
    }

    private static bool WantsEvents(HttpRequest request) => request.Headers.Accept.ToString().Contains(EventStream.ContentType, StringComparison.OrdinalIgnoreCase);

    private static string? Session(HttpContext context) => context.Request.Query["session"] is { Count: > 0 } session ? session.ToString() : null;

    private static async ValueTask<bool> HasValidSessionAsync(HttpContext context)
    {
        if (Session(context) is not { } session || Ids.IsValid(session))
        {
            return true;
        }

        await ProblemReply.WriteAsync(context, StatusCodes.Status400BadRequest, "Wrong session", "a session's id is 20 to 64 of a-z and 0-9");
        return false;
    }

    /// <summary>A call that nobody waits for: 202 once it is stored, and where its result will be.</summary>
    private async Task StartJobAsync(HttpContext context, CallRequest request)
    {
        var delay = context.Request.Query["delay"] is { Count: > 0 } text
            ? double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds <= DelayedCalls.LongestDelay.TotalSeconds
                ? TimeSpan.FromSeconds(seconds)
                : throw new FunctionFaultException(FaultCode.InvalidArguments, $"?delay= is 0 to {DelayedCalls.LongestDelay.TotalSeconds:0} seconds, not '{text}'", null)
            : TimeSpan.Zero;
        var record = await gate.StartJobAsync(request, delay, context.RequestAborted);
        context.Response.Headers[InvocationHeader] = record.Id;
        context.Response.Headers[SessionHeader] = record.Session;
        await JobsEndpoint.AcceptedAsync(context, new JobView(record, record.NotBefore is null ? JobState.Queued : JobState.Delayed, record.AcceptedAt));
    }

    private async Task AnswerAsync(HttpContext context, ICall call, bool isShared)
    {
        try
        {
            while (true)
            {
                var item = await call.NextAsync(context.RequestAborted);
                if (item.Event.IsTerminal)
                {
                    await AnswerWithAsync(context, call, item);
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested && isShared)
        {
            // Whoever has the key can come back: the call goes on.
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody can come back for this answer, so nobody needs it.
            using var patience = new CancellationTokenSource(s_cancelPatience, time);
            await call.CancelAsync(patience.Token);
        }
    }

    private async Task StreamAsync(HttpContext context, ICall call)
    {
        using var reply = new Reply(context);
        keeper.Watch(reply);
        try
        {
            while (true)
            {
                var item = await call.NextAsync(context.RequestAborted);
                var id = item.Sequence == 0 ? null : $"{item.Invocation}:{item.Sequence.ToString(CultureInfo.InvariantCulture)}";
                await reply.SendAsync(id, item.Event.Data.IsEmpty ? "{}"u8.ToArray() : item.Event.Data, context.RequestAborted, EventNames.Of(item.Event.Kind));
                if (item.Event.IsTerminal)
                {
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The stream can be resumed: the call goes on.
        }
        finally
        {
            keeper.Leave(reply);
            await reply.CloseAsync();
        }
    }

    private async Task ResumeAsync(HttpContext context, Caller caller, ToolRoute route, string lastEventId)
    {
        var split = lastEventId.IndexOf(':', StringComparison.Ordinal);
        if (split < 0 || !Ids.IsValid(lastEventId.AsSpan(0, split)) || Session(context) is not { } session || !Ids.IsValid(session)
            || !ulong.TryParse(lastEventId.AsSpan(split + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var sequence))
        {
            await ProblemReply.WriteAsync(context, StatusCodes.Status400BadRequest, "Cannot resume", "Last-Event-ID must be `invocation:sequence` and ?session= the session that header X-Session named");
            return;
        }

        var now = time.GetUtcNow();
        var invocation = new Invocation
        {
            Id = lastEventId[..split],
            Session = session,
            Caller = caller,
            Pool = route.Version.Pool,
            Function = route.Version.Manifest.Name,
            Version = route.Version.Digest,
            Tool = route.Tool.Name,
            Arguments = default,
            AcceptedAt = now,
            Deadline = now + TimeSpan.FromSeconds(route.Version.Manifest.TimeoutSeconds),
        };
        await using var call = await functions.RejoinAsync(await functions.LocateAsync(invocation, context.RequestAborted), route, sequence, context.RequestAborted);
        await StreamAsync(context, call);
    }
}
