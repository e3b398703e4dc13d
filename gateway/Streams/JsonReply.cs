using Microsoft.AspNetCore.Http;

namespace ToolRuntime.Gateway.Streams;

/// <summary>Whole JSON answers with their length.</summary>
public static class JsonReply
{
    /// <summary>Media type of JSON.</summary>
    public const string ContentType = "application/json";

    /// <summary>Writes <paramref name="body"/>.</summary>
    public static Task WriteAsync(HttpContext context, int status, ReadOnlyMemory<byte> body, CancellationToken cancellationToken, string contentType = ContentType)
    {
        var response = context.Response;
        response.StatusCode = status;
        response.ContentType = contentType;
        response.ContentLength = body.Length;
        return response.Body.WriteAsync(body, cancellationToken).AsTask();
    }
}
