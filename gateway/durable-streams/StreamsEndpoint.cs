using Microsoft.AspNetCore.Http;

using ToolRuntime.Bus.Streams;
using ToolRuntime.Functions;

namespace ToolRuntime.Streams;

/// <summary>
/// The Durable Streams protocol at <c>/v1/streams/{name}</c>: <c>PUT</c> makes a stream, <c>POST</c> appends or closes, <c>GET</c> reads from an
/// offset (and waits, with <c>live=long-poll</c> or <c>live=sse</c>), <c>HEAD</c> describes, <c>DELETE</c> deletes. The topic of a session is
/// such a stream too, of JSON, at <c>/v1/sessions/{id}/stream</c>.
/// </summary>
internal sealed class StreamsEndpoint(StreamCallerReader callers, DurableStreams streams, SessionStreams sessions, CreateHandler creates, ReadHandler reads, TimeProvider time)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    /// <summary>Serves a request for a named stream.</summary>
    public Task HandleAsync(HttpContext context) => GuardAsync(context, caller => ServeAsync(context, caller));

    /// <summary>Serves a request for a session's topic.</summary>
    public Task HandleSessionAsync(HttpContext context) => GuardAsync(context, caller => ServeSessionAsync(context, caller));

    private async Task GuardAsync(HttpContext context, Func<Caller, Task> serve)
    {
        StreamReply.Open(context);
        if (HttpMethods.IsOptions(context.Request.Method))
        {
            StreamReply.Preflight(context);
            return;
        }

        var who = callers(context);
        if (who.Caller is null)
        {
            await StreamReply.ProblemAsync(context, who.Status, who.Status == StatusCodes.Status401Unauthorized ? "Unauthorized" : "Forbidden", who.Reason);
            return;
        }

        // Beyond what a reader asked to wait, nobody waits longer than this for the message server.
        var left = context.RequestAborted;
        var waits = HttpMethods.IsGet(context.Request.Method) ? streams.Options.LongPoll + streams.Options.EventStream : TimeSpan.Zero;
        using var deadline = new CancellationTokenSource(s_patience + waits, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(left, deadline.Token);
        context.RequestAborted = either.Token;
        try
        {
            await serve(who.Caller);
        }
        catch (StreamException refused) when (!context.Response.HasStarted)
        {
            await StreamReply.ProblemAsync(context, refused.Status, refused.Title, refused.Message);
        }
        catch (OperationCanceledException) when (left.IsCancellationRequested || context.Response.HasStarted)
        {
            // The client has left, or is told by the end of its stream; what it read it knows by its offset.
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            context.RequestAborted = left;
            context.Response.Headers.RetryAfter = "1";
            await StreamReply.ProblemAsync(context, StatusCodes.Status503ServiceUnavailable, "No message server", "the message server does not answer; send it again, with the same Producer-Seq");
        }
    }

    private Task ServeAsync(HttpContext context, Caller caller)
    {
        var key = StreamNames.Of(caller, (string?)context.Request.RouteValues["path"]);
        return context.Request.Method switch
        {
            "PUT" => creates.HandleAsync(context, caller, key),
            "POST" => AppendHandler.HandleAsync(context, streams, key),
            "GET" => reads.GetAsync(context, streams, key),
            "HEAD" => ReadHandler.HeadAsync(context, streams, key),
            "DELETE" => DeleteAsync(context, key),
            _ => throw WrongMethod("a stream knows PUT, POST, GET, HEAD and DELETE"),
        };
    }

    /// <summary>A session's topic is there by its use: PUT finds it, and nothing closes or deletes it but its time.</summary>
    private Task ServeSessionAsync(HttpContext context, Caller caller)
    {
        var id = (string?)context.Request.RouteValues["id"] ?? "";
        if (!Ids.IsValid(id))
        {
            throw new StreamException(StatusCodes.Status400BadRequest, "Wrong id", "a session's id is 20 to 64 of a-z and 0-9");
        }

        if (RequestHeaders.Closes(context.Request))
        {
            throw RequestHeaders.Malformed($"a session's topic cannot be closed; POST /v1/sessions/{id}/stop ends its calls");
        }

        var key = new StreamKey(caller.Tenant, id);
        return context.Request.Method switch
        {
            "PUT" when context.Request.ContentType is { } type && !JsonChunks.Is(type) => throw new StreamException(StatusCodes.Status409Conflict, "Wrong content type", "a session's topic is application/json"),
            "PUT" or "HEAD" => ReadHandler.HeadAsync(context, sessions, key),
            "POST" => AppendHandler.HandleAsync(context, sessions, key),
            "GET" => reads.GetAsync(context, sessions, key),
            _ => throw WrongMethod("a session's topic knows PUT, POST, GET and HEAD; its events go when their day is over"),
        };
    }

    private static StreamException WrongMethod(string detail) => new(StatusCodes.Status405MethodNotAllowed, "Wrong method", detail);

    private async Task DeleteAsync(HttpContext context, StreamKey key)
    {
        context.Response.StatusCode = await streams.DeleteAsync(key, context.RequestAborted) switch
        {
            DeleteOutcome.Deleted => StatusCodes.Status204NoContent,
            DeleteOutcome.Gone => throw new StreamException(StatusCodes.Status410Gone, "Stream is gone", "the stream was deleted before and stands only for its forks"),
            _ => throw new StreamException(StatusCodes.Status404NotFound, "No stream", "there is no such stream, or its time is over"),
        };
    }
}
