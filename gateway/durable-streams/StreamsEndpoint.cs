using Microsoft.AspNetCore.Http;

using ToolRuntime.Bus.Streams;
using ToolRuntime.Functions;

namespace ToolRuntime.Streams;

/// <summary>
/// The Durable Streams protocol at <c>/v1/streams/{name}</c>: <c>PUT</c> makes a stream, <c>POST</c> appends or closes, <c>GET</c> reads from an
/// offset (and waits, with <c>live=long-poll</c> or <c>live=sse</c>), <c>HEAD</c> describes, <c>DELETE</c> deletes.
/// </summary>
internal sealed class StreamsEndpoint(StreamCallerReader callers, DurableStreams streams, CreateHandler creates, AppendHandler appends, ReadHandler reads, TimeProvider time)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    /// <summary>Serves one request.</summary>
    public async Task HandleAsync(HttpContext context)
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
            await ServeAsync(context, who.Caller);
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
            "POST" => appends.HandleAsync(context, key),
            "GET" => reads.GetAsync(context, key),
            "HEAD" => reads.HeadAsync(context, key),
            "DELETE" => DeleteAsync(context, key),
            _ => throw new StreamException(StatusCodes.Status405MethodNotAllowed, "Wrong method", "a stream knows PUT, POST, GET, HEAD and DELETE"),
        };
    }

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
