using Microsoft.AspNetCore.Http;

using ToolRuntime.Bus.Streams;

namespace ToolRuntime.Streams;

/// <summary>Serves <c>GET</c> and <c>HEAD</c>.</summary>
internal sealed class ReadHandler(SseHandler events, TimeProvider time)
{
    /// <summary>Serves <c>HEAD</c>.</summary>
    public static async Task HeadAsync(HttpContext context, IDurableStreams streams, StreamKey key)
    {
        var stream = await StandingAsync(streams, key, context.RequestAborted);
        var headers = context.Response.Headers;
        headers.CacheControl = "no-store";
        headers.ETag = Tag(key, StreamOffset.Start, stream.Tail, stream.State.IsClosed);
        if (stream.State.TtlSeconds is { } ttl)
        {
            headers[StreamHeaders.Ttl] = ttl.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        if (stream.State.ExpiresAt is { } end)
        {
            headers[StreamHeaders.ExpiresAt] = end;
        }

        context.Response.ContentType = stream.State.ContentType;
        StreamReply.Describe(context, stream);
    }

    /// <summary>Serves <c>GET</c>.</summary>
    public async Task GetAsync(HttpContext context, IDurableStreams streams, StreamKey key)
    {
        var query = ReadQuery.Of(context.Request);
        var stream = await StandingAsync(streams, key, context.RequestAborted);
        await streams.TouchAsync(stream, context.RequestAborted);
        switch (query.Live)
        {
            case LiveMode.Events:
                await events.HandleAsync(context, streams, key, (stream, query));
                break;
            case LiveMode.LongPoll:
                await PollAsync(context, streams, key, (stream, query));
                break;
            default:
                await PageAsync(context, key, query, query.IsNow
                    ? new StreamPage(stream, [], stream.Tail, IsGone: false)
                    : await streams.ReadAsync(stream, query.Position(stream), context.RequestAborted));
                break;
        }
    }

    private static string Tag(StreamKey key, StreamOffset from, StreamOffset to, bool isEnd) =>
        $"\"{Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(key.Path))}:{from}:{to}{(isEnd ? ":c" : "")}\"";

    private async Task PollAsync(HttpContext context, IDurableStreams streams, StreamKey key, (StoredState Stream, ReadQuery Query) asked)
    {
        var (stream, query) = asked;
        await using var follower = streams.TryFollow(key) ?? throw new StreamException(StatusCodes.Status429TooManyRequests, "Too many readers", "the stream has as many readers here as toolruntime.streams allows; come again later");
        var page = await follower.NextAsync(query.Position(stream), streams.Options.LongPoll, context.RequestAborted);
        if (page is null)
        {
            throw NoStream();
        }

        await streams.TouchAsync(page.Stream, context.RequestAborted);
        await PageAsync(context, key, query, page);
    }

    private async Task PageAsync(HttpContext context, StreamKey key, ReadQuery query, StreamPage page)
    {
        if (page.IsGone)
        {
            throw new StreamException(StatusCodes.Status410Gone, "Offset is gone", "what follows the offset is no longer kept, or the stream was made anew; read from offset=now, or the stream's begin");
        }

        var (response, headers) = (context.Response, context.Response.Headers);
        headers[StreamHeaders.NextOffset] = page.End.ToString();
        if (page.IsUpToDate)
        {
            headers[StreamHeaders.UpToDate] = "true";
        }

        if (page.IsEnd)
        {
            headers[StreamHeaders.Closed] = "true";
        }

        if (query.Live == LiveMode.LongPoll)
        {
            headers[StreamHeaders.Cursor] = Cursors.Next(query.Cursor, time.GetUtcNow());
            if (page.Chunks.Count == 0)
            {
                response.StatusCode = StatusCodes.Status204NoContent;
                return;
            }
        }

        await BodyAsync(context, key, query, page);
    }

    private static async Task BodyAsync(HttpContext context, StreamKey key, ReadQuery query, StreamPage page)
    {
        var (response, state) = (context.Response, page.Stream.State);
        if (query.IsNow)
        {
            response.Headers.CacheControl = "no-store";
        }
        else
        {
            var tag = Tag(key, query.Offset, page.End, page.IsEnd);
            response.Headers.CacheControl = "private, no-cache";
            response.Headers.ETag = tag;
            if (context.Request.Headers.IfNoneMatch == tag)
            {
                response.StatusCode = StatusCodes.Status304NotModified;
                return;
            }
        }

        response.ContentType = state.ContentType;
        if (JsonChunks.Is(state.ContentType))
        {
            await response.BodyWriter.WriteAsync(JsonChunks.Array(page.Chunks), context.RequestAborted);
            return;
        }

        response.ContentLength = page.Chunks.Sum(c => (long)c.Data.Length);
        foreach (var chunk in page.Chunks)
        {
            await response.BodyWriter.WriteAsync(chunk.Data, context.RequestAborted);
        }
    }

    private static async ValueTask<StoredState> StandingAsync(IDurableStreams streams, StreamKey key, CancellationToken cancellationToken)
    {
        var stream = await streams.FindAsync(key, cancellationToken) ?? throw NoStream();
        return stream.State.IsDeleted ? throw new StreamException(StatusCodes.Status410Gone, "Stream is gone", "the stream was deleted and stands only for its forks") : stream;
    }

    private static StreamException NoStream() => new(StatusCodes.Status404NotFound, "No stream", "there is no such stream, or its time is over");
}
