namespace ToolRuntime.Gateway.Federation.Upstream;

/// <summary>Reads whole bodies of servers, bounded.</summary>
internal static class UpstreamBody
{
    private const int FirstSize = 4096;

    /// <summary>The body in an array that nobody else holds.</summary>
    /// <exception cref="InvalidDataException">It is longer than <paramref name="maximum"/>.</exception>
    public static async ValueTask<byte[]> ReadAsync(HttpContent content, int maximum, CancellationToken cancellationToken)
    {
        if (content.Headers.ContentLength is { } said && said > maximum)
        {
            throw TooLong(maximum);
        }

        await using var stream = await content.ReadAsStreamAsync(cancellationToken);
        if (content.Headers.ContentLength is { } length)
        {
            var whole = GC.AllocateUninitializedArray<byte>((int)length);
            await stream.ReadExactlyAsync(whole, cancellationToken);
            return whole;
        }

        var bytes = new byte[FirstSize];
        var filled = 0;
        while (await stream.ReadAsync(bytes.AsMemory(filled), cancellationToken) is var read and > 0)
        {
            filled += read;
            if (filled > maximum)
            {
                throw TooLong(maximum);
            }

            if (filled == bytes.Length)
            {
                Array.Resize(ref bytes, bytes.Length * 2);
            }
        }

        return bytes.AsSpan(0, filled).ToArray();
    }

    private static InvalidDataException TooLong(int maximum) => new($"an answer of more than {maximum} bytes");
}
