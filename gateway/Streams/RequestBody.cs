using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ToolRuntime.Gateway.Streams;

/// <summary>Reads whole bodies, bounded.</summary>
public static class RequestBody
{
    /// <summary>The body's bytes, in an array that nobody else holds: parts of it travel on with the call.</summary>
    /// <exception cref="BodyTooLargeException">It is longer than <paramref name="maximum"/>.</exception>
    public static async ValueTask<ReadOnlyMemory<byte>> ReadAsync(HttpRequest request, int maximum, CancellationToken cancellationToken)
    {
        if (request.ContentLength > maximum)
        {
            throw new BodyTooLargeException();
        }

        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = maximum;
        }

        return request.ContentLength is { } length
            ? await KnownAsync(request.Body, (int)length, cancellationToken)
            : await UnknownAsync(request.Body, maximum, cancellationToken);
    }

    private static async ValueTask<ReadOnlyMemory<byte>> KnownAsync(Stream body, int length, CancellationToken cancellationToken)
    {
        var bytes = GC.AllocateUninitializedArray<byte>(length);
        await body.ReadExactlyAsync(bytes, cancellationToken);
        return bytes;
    }

    private static async ValueTask<ReadOnlyMemory<byte>> UnknownAsync(Stream body, int maximum, CancellationToken cancellationToken)
    {
        var bytes = new byte[4096];
        var length = 0;
        while (await body.ReadAsync(bytes.AsMemory(length), cancellationToken) is var read and > 0)
        {
            length += read;
            if (length > maximum)
            {
                throw new BodyTooLargeException();
            }

            if (length == bytes.Length)
            {
                Array.Resize(ref bytes, Math.Min(bytes.Length * 2, maximum + 1));
            }
        }

        return bytes.AsMemory(0, length);
    }
}
