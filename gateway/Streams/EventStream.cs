using System.Text;

using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ToolRuntime.Gateway.Streams;

/// <summary>
/// Server-sent events on one response. Writing waits for the client (back-pressure of the connection); one writer at a time.
/// </summary>
public sealed class EventStream(HttpContext context)
{
    /// <summary>Media type of event streams.</summary>
    public const string ContentType = "text/event-stream";

    private static readonly byte[] s_keepAlive = ":\n\n"u8.ToArray();

    /// <summary>Whether headers were sent.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>Sends the headers.</summary>
    public async ValueTask OpenAsync(CancellationToken cancellationToken)
    {
        if (IsOpen)
        {
            return;
        }

        IsOpen = true;
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        context.Response.StatusCode = StatusCodes.Status200OK;
        context.Response.ContentType = ContentType;
        context.Response.Headers.CacheControl = "no-cache, no-transform";
        context.Response.Headers["X-Accel-Buffering"] = "no";
        await context.Response.Body.FlushAsync(cancellationToken);
    }

    /// <summary>Sends one event.</summary>
    /// <param name="name">The event's name, or null for <c>message</c>.</param>
    /// <param name="id">Its id, or null.</param>
    /// <param name="data">UTF-8 JSON; line ends in it are white space and become spaces.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public async ValueTask SendAsync(string? name, string? id, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        await OpenAsync(cancellationToken);
        var writer = context.Response.BodyWriter;
        Field(writer, "event: ", name);
        Field(writer, "id: ", id);
        Line(writer, data.Span);
        await writer.FlushAsync(cancellationToken);
    }

    /// <summary>Sends an event without a message: its id is where a client resumes, its time how long it waits before that.</summary>
    public async ValueTask PrimeAsync(string id, TimeSpan retry, CancellationToken cancellationToken)
    {
        await OpenAsync(cancellationToken);
        var text = $"id: {id}\nretry: {(long)retry.TotalMilliseconds}\ndata: \n\n";
        await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken);
        await context.Response.Body.FlushAsync(cancellationToken);
    }

    /// <summary>Sends a comment, so that no proxy takes the connection for dead.</summary>
    public async ValueTask KeepAliveAsync(CancellationToken cancellationToken)
    {
        await OpenAsync(cancellationToken);
        await context.Response.Body.WriteAsync(s_keepAlive, cancellationToken);
        await context.Response.Body.FlushAsync(cancellationToken);
    }

    private static void Field(System.IO.Pipelines.PipeWriter writer, string field, string? value)
    {
        if (value is not null)
        {
            var span = writer.GetSpan(field.Length + value.Length + 1);
            var length = Encoding.ASCII.GetBytes(field, span);
            length += Encoding.ASCII.GetBytes(value, span[length..]);
            span[length++] = (byte)'\n';
            writer.Advance(length);
        }
    }

    private static void Line(System.IO.Pipelines.PipeWriter writer, ReadOnlySpan<byte> data)
    {
        var span = writer.GetSpan(data.Length + 8);
        "data: "u8.CopyTo(span);
        data.CopyTo(span[6..]);
        var copied = span.Slice(6, data.Length);
        copied.Replace((byte)'\n', (byte)' ');
        copied.Replace((byte)'\r', (byte)' ');
        "\n\n"u8.CopyTo(span[(6 + data.Length)..]);
        writer.Advance(data.Length + 8);
    }
}
