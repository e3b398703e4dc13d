using System.Buffers;

using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ToolRuntime.Streams;

/// <summary>Reads whole bodies, bounded.</summary>
internal static class BoundedBody
{
    /// <summary>The body's bytes.</summary>
    public static async ValueTask<ReadOnlyMemory<byte>> ReadAsync(HttpRequest request, int largest, CancellationToken cancellationToken)
    {
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = null;
        }

        if (request.ContentLength > largest)
        {
            throw TooLarge(largest);
        }

        while (true)
        {
            var read = await request.BodyReader.ReadAsync(cancellationToken);
            if (read.Buffer.Length > largest)
            {
                throw TooLarge(largest);
            }

            if (read.IsCompleted)
            {
                var bytes = read.Buffer.ToArray();
                request.BodyReader.AdvanceTo(read.Buffer.End);
                return bytes;
            }

            request.BodyReader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private static StreamException TooLarge(int largest) =>
        new(StatusCodes.Status413PayloadTooLarge, "Body too large", $"one append holds at most {largest} bytes; append in several");
}
