using System.Globalization;
using System.Text.Json;

using Microsoft.AspNetCore.Http;

using ToolRuntime.Bus.Sessions;
using ToolRuntime.Functions;
using ToolRuntime.Gateway.Auth;
using ToolRuntime.Gateway.Payloads;
using ToolRuntime.Gateway.Sessions;
using ToolRuntime.Gateway.Streams;

namespace ToolRuntime.Gateway.Http;

/// <summary>
/// Sessions over plain HTTP. <c>GET /v1/sessions</c>, <c>GET /v1/sessions/{id}</c>, <c>POST …/stop</c>, <c>DELETE /v1/invocations/{id}</c>, and
/// <c>GET …/events</c>: all calls of a session as server-sent events, from any number of places at once. It goes on after <c>Last-Event-ID</c>; who joins
/// late gets what stood in short, unless <c>?compact=false</c>; <c>?until=end</c> ends the stream when no call runs.
/// </summary>
public sealed class SessionsEndpoint(CallerReader callers, SessionDesk sessions, ReplyKeeper keeper)
{
    private const int StandardListed = 100;
    private const int MostListed = 1000;

    /// <summary>Serves <c>GET /v1/sessions</c>.</summary>
    public Task ListAsync(HttpContext context) => GuardAsync(context, async caller =>
    {
        var limit = int.TryParse(context.Request.Query["limit"], NumberStyles.None, CultureInfo.InvariantCulture, out var given) ? Math.Clamp(given, 1, MostListed) : StandardListed;
        var found = await sessions.ListAsync(caller.Tenant, limit, context.RequestAborted);
        await WriteAsync(context, StatusCodes.Status200OK, writer =>
        {
            writer.WriteStartArray("sessions"u8);
            foreach (var (session, at) in found)
            {
                writer.WriteStartObject();
                writer.WriteString("id"u8, session);
                writer.WriteString("updatedAt"u8, at);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        });
    });

    /// <summary>Serves <c>GET /v1/sessions/{id}</c>.</summary>
    public Task GetAsync(HttpContext context, string id) => GuardAsync(context, id, async caller =>
    {
        var calls = await sessions.CallsAsync(caller.Tenant, id, context.RequestAborted);
        var owner = await sessions.OwnerAsync(caller.Tenant, id, context.RequestAborted);
        if (calls.Count == 0 && owner is null)
        {
            await ProblemReply.WriteAsync(context, StatusCodes.Status404NotFound, "No such session", $"nothing is kept of a session '{id}': its id is wrong, or it was last used more than a day ago");
            return;
        }

        await WriteAsync(context, StatusCodes.Status200OK, writer => Write(writer, id, owner, calls));
    });

    /// <summary>Serves <c>POST /v1/sessions/{id}/stop</c>.</summary>
    public Task StopAsync(HttpContext context, string id) => GuardAsync(context, id, async caller =>
    {
        await sessions.StopAsync(caller.Tenant, id, context.RequestAborted);
        await WriteAsync(context, StatusCodes.Status202Accepted, writer => writer.WriteString("stopped"u8, id));
    });

    /// <summary>Serves <c>DELETE /v1/invocations/{id}</c>.</summary>
    public Task CancelAsync(HttpContext context, string id) => GuardAsync(context, id, async caller =>
    {
        await sessions.CancelAsync(caller.Tenant, id, context.RequestAborted);
        await WriteAsync(context, StatusCodes.Status202Accepted, writer => writer.WriteString("cancelled"u8, id));
    });

    /// <summary>Serves <c>GET /v1/sessions/{id}/events</c>.</summary>
    public Task FollowAsync(HttpContext context, string id) => GuardAsync(context, id, async caller =>
    {
        var last = context.Request.Headers["Last-Event-ID"].ToString();
        ulong after = 0;
        if (last.Length > 0 && !ulong.TryParse(last.AsSpan(last.IndexOf(':', StringComparison.Ordinal) + 1), NumberStyles.None, CultureInfo.InvariantCulture, out after))
        {
            await ProblemReply.WriteAsync(context, StatusCodes.Status400BadRequest, "Cannot resume", "Last-Event-ID must be the `invocation:sequence` of an event of this session");
            return;
        }

        var isCompact = context.Request.Query["compact"] != "false";
        var untilEnd = context.Request.Query["until"] == "end";
        using var reply = new Reply(context);
        keeper.Watch(reply);
        try
        {
            await using var follower = await sessions.FollowAsync(caller.Tenant, id, after, context.RequestAborted);
            await StreamAsync(reply, follower, (isCompact, untilEnd), context.RequestAborted);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Leaving ends nothing but the watching.
        }
        finally
        {
            keeper.Leave(reply);
            await reply.CloseAsync();
        }
    });

    private static async Task StreamAsync(Reply reply, SessionFollower follower, (bool IsCompact, bool UntilEnd) wanted, CancellationToken cancellationToken)
    {
        var compactor = wanted.IsCompact ? new SessionCompactor() : null;
        var running = new HashSet<string>(StringComparer.Ordinal);
        await reply.KeepAliveAsync(cancellationToken);
        while (true)
        {
            var item = await follower.NextAsync(cancellationToken);
            if (item is { } next)
            {
                if (Ids.IsValid(next.Invocation))
                {
                    _ = next.Event.IsTerminal ? running.Remove(next.Invocation) : running.Add(next.Invocation);
                }

                if (compactor is not null)
                {
                    compactor.Add(next);
                    continue;
                }

                await SendAsync(reply, next, cancellationToken);
            }
            else if (compactor is not null)
            {
                foreach (var stood in compactor.Take())
                {
                    await SendAsync(reply, stood, cancellationToken);
                }

                compactor = null;
            }

            if (wanted.UntilEnd && follower.IsCaughtUp && running.Count == 0)
            {
                return;
            }
        }
    }

    private static ValueTask SendAsync(Reply reply, TopicEvent item, CancellationToken cancellationToken)
    {
        var data = item.Event.Data.IsEmpty ? "{}"u8.ToArray() : item.Event.Data;
        return reply.SendAsync($"{item.Invocation}:{item.Sequence.ToString(CultureInfo.InvariantCulture)}", data, cancellationToken, EventNames.Of(item.Event.Kind));
    }

    private static void Write(Utf8JsonWriter writer, string id, string? owner, IReadOnlyList<SessionCall> calls)
    {
        writer.WriteString("id"u8, id);
        if (owner is not null)
        {
            writer.WriteString("runtime"u8, owner);
        }

        writer.WriteStartArray("calls"u8);
        foreach (var call in calls)
        {
            writer.WriteStartObject();
            writer.WriteString("invocation"u8, call.Invocation);
            writer.WriteString("tool"u8, call.Tool);
            writer.WriteString("state"u8, call.State switch { SessionCallState.Running => "running", SessionCallState.Completed => "completed", _ => "failed" });
            writer.WriteString("startedAt"u8, call.StartedAt);
            if (call.EndedAt is { } ended)
            {
                writer.WriteString("endedAt"u8, ended);
            }

            if (call.Fault is { } fault)
            {
                writer.WriteString("fault"u8, fault.ToString());
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static async Task WriteAsync(HttpContext context, int status, Action<Utf8JsonWriter> write)
    {
        using var buffer = new ReplyBuffer();
        using (var writer = new Utf8JsonWriter(buffer, ReplyBuffer.WriterOptions))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        await JsonReply.WriteAsync(context, status, buffer.Written, context.RequestAborted);
    }

    private Task GuardAsync(HttpContext context, string id, Func<Caller, Task> serve) => Ids.IsValid(id)
        ? GuardAsync(context, serve)
        : ProblemReply.WriteAsync(context, StatusCodes.Status400BadRequest, "Wrong id", "an id is 20 to 64 of a-z and 0-9");

    private Task GuardAsync(HttpContext context, Func<Caller, Task> serve) => KnownCaller.ServeAsync(callers, context, serve);
}
