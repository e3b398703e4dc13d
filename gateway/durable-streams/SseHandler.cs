using System.Buffers;
using System.Buffers.Text;
using System.IO.Pipelines;
using System.Text;

using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

using ToolRuntime.Bus.Streams;

namespace ToolRuntime.Streams;

/// <summary>
/// Serves <c>GET</c> with <c>live=sse</c>: an event <c>data</c> for each append, and after it an event <c>control</c> that says where to go
/// on. A reader that is slow holds nothing but its own connection: the next chunks are taken when the last ones are written.
/// </summary>
internal sealed class SseHandler(TimeProvider time)
{
    private static readonly SearchValues<byte> s_lineEnds = SearchValues.Create("\r\n"u8);

    /// <summary>Serves one request.</summary>
    public async Task HandleAsync(HttpContext context, IDurableStreams streams, StreamKey key, (StoredState Stream, ReadQuery Query) asked)
    {
        var (stream, query) = asked;
        await using var follower = streams.TryFollow(key) ?? throw new StreamException(StatusCodes.Status429TooManyRequests, "Too many readers", "the stream has as many readers here as toolruntime.streams allows; come again later");
        var format = FormatOf(stream.State.ContentType);
        Open(context, format);
        var end = time.GetTimestamp() + (long)(streams.Options.EventStream.TotalSeconds * time.TimestampFrequency);
        var (from, patience) = (query.Position(stream), TimeSpan.Zero);
        while (await follower.NextAsync(from, patience, context.RequestAborted) is { IsGone: false } page)
        {
            Write(context.Response.BodyWriter, format, page, Cursors.Next(query.Cursor, time.GetUtcNow()));
            await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
            await streams.TouchAsync(page.Stream, context.RequestAborted);
            if (page.IsEnd || time.GetTimestamp() >= end)
            {
                return;
            }

            (from, patience) = (page.End, page.IsUpToDate ? Patience(page.Stream, streams.Options.LongPoll) : TimeSpan.Zero);
        }
    }

    /// <summary>Time until a sign of life: who follows uses the stream, so it must not end meanwhile.</summary>
    private static TimeSpan Patience(StoredState stream, TimeSpan longest) =>
        stream.State.TtlSeconds is { } ttl && ttl * 0.5 < longest.TotalSeconds ? TimeSpan.FromSeconds(Math.Max(0.1, ttl * 0.5)) : longest;

    private static void Open(HttpContext context, Format format)
    {
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-cache, no-transform";
        context.Response.Headers["X-Accel-Buffering"] = "no";
        if (format == Format.Base64)
        {
            context.Response.Headers[StreamHeaders.DataEncoding] = "base64";
        }
    }

    private static Format FormatOf(string contentType)
    {
        var type = StreamRules.MediaType(contentType);
        return JsonChunks.Is(type) ? Format.Json : type.StartsWith("text/", StringComparison.Ordinal) ? Format.Text : Format.Base64;
    }

    private static void Write(PipeWriter writer, Format format, StreamPage page, string cursor)
    {
        foreach (var chunk in page.Chunks)
        {
            writer.Write("event: data\n"u8);
            WriteLines(writer, format switch
            {
                Format.Json => JsonChunks.Array([chunk]),
                Format.Base64 => Encode(chunk.Data.Span),
                _ => chunk.Data.Span,
            });
            if (chunk.End != page.End)
            {
                WriteControl(writer, chunk.End, $",\"streamCursor\":\"{cursor}\"");
            }
        }

        WriteControl(writer, page.End, page.IsEnd ? ",\"streamClosed\":true" : $",\"streamCursor\":\"{cursor}\"{(page.IsUpToDate ? ",\"upToDate\":true" : "")}");
    }

    private static void WriteControl(PipeWriter writer, StreamOffset at, string rest)
    {
        writer.Write("event: control\n"u8);
        WriteLines(writer, Encoding.ASCII.GetBytes($"{{\"streamNextOffset\":\"{at}\"{rest}}}"));
    }

    /// <summary>One field for each line: a line end in the data must not end the event.</summary>
    private static void WriteLines(PipeWriter writer, ReadOnlySpan<byte> data)
    {
        while (true)
        {
            var end = data.IndexOfAny(s_lineEnds);
            writer.Write("data:"u8);
            writer.Write(end < 0 ? data : data[..end]);
            writer.Write("\n"u8);
            if (end < 0)
            {
                break;
            }

            data = data[(data[end] == '\r' && end + 1 < data.Length && data[end + 1] == '\n' ? end + 2 : end + 1)..];
        }

        writer.Write("\n"u8);
    }

    private static byte[] Encode(ReadOnlySpan<byte> data)
    {
        var text = new byte[Base64.GetMaxEncodedToUtf8Length(data.Length)];
        Base64.EncodeToUtf8(data, text, out _, out _);
        return text;
    }

    private enum Format
    {
        Text,
        Json,
        Base64,
    }
}
