using System.Text.Json;

using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;

using ToolRuntime.Bus.Streams;

namespace ToolRuntime.Streams;

/// <summary>What all answers have in common.</summary>
internal static class StreamReply
{
    /// <summary>Headers of every answer. Any page may ask: what counts is the key, which no browser adds by itself.</summary>
    public static void Open(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers["Cross-Origin-Resource-Policy"] = "cross-origin";
        headers.AccessControlAllowOrigin = "*";
        headers.AccessControlExposeHeaders = StreamHeaders.Exposed;
    }

    /// <summary>Answers a browser's question before its request.</summary>
    public static void Preflight(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.AccessControlAllowMethods = "GET, POST, PUT, DELETE, HEAD, OPTIONS";
        headers.AccessControlAllowHeaders = StreamHeaders.Allowed;
        headers.AccessControlMaxAge = "3600";
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    /// <summary>Says where a stream's end is, and whether it is closed.</summary>
    public static void Describe(HttpContext context, StoredState stream)
    {
        context.Response.Headers[StreamHeaders.NextOffset] = stream.Tail.ToString();
        if (stream.State.IsClosed)
        {
            context.Response.Headers[StreamHeaders.Closed] = "true";
        }
    }

    /// <summary>The stream's address, without a query.</summary>
    public static string Location(HttpRequest request) => UriHelper.BuildAbsolute(request.Scheme, request.Host, request.PathBase, request.Path);

    /// <summary>Answers with RFC 9457 problem details.</summary>
    public static async Task ProblemAsync(HttpContext context, int status, string title, string detail)
    {
        context.Response.StatusCode = status;
        if (HttpMethods.IsHead(context.Request.Method))
        {
            return;
        }

        context.Response.ContentType = "application/problem+json";
        await using var writer = new Utf8JsonWriter(context.Response.BodyWriter);
        writer.WriteStartObject();
        writer.WriteString("type", "about:blank");
        writer.WriteString("title", title);
        writer.WriteNumber("status", status);
        writer.WriteString("detail", detail);
        writer.WriteEndObject();
        await writer.FlushAsync(context.RequestAborted);
    }
}
