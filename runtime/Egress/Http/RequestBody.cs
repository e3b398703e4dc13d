using System.Buffers;
using System.Globalization;
using System.Text;

namespace ToolRuntime.Runtime.Egress.Http;

/// <summary>Passes the body of one request on, and nothing that comes behind it: that would be another request, which nobody has judged.</summary>
internal static class RequestBody
{
    private const int Buffer = 32 * 1024;
    private const int LongestLine = 4096;
    private const int LargestTrailer = 16 * 1024;
    private static readonly byte[] s_last = "0\r\n\r\n"u8.ToArray();

    /// <summary>Copies it.</summary>
    /// <exception cref="EgressFailedException">It is not as its head says.</exception>
    public static async Task CopyAsync(RequestHead head, BufferedInput from, Stream to, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Buffer);
        try
        {
            if (head.Length is { } length)
            {
                await CopyAsync(from, to, length, buffer, cancellationToken);
            }
            else
            {
                await CopyChunksAsync(from, to, buffer, cancellationToken);
            }

            await to.FlushAsync(cancellationToken);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Chunks are made anew, so that extensions and trailers end here.</summary>
    private static async Task CopyChunksAsync(BufferedInput from, Stream to, byte[] buffer, CancellationToken cancellationToken)
    {
        while (await ReadSizeAsync(from, cancellationToken) is > 0 and var size)
        {
            await to.WriteAsync(Encoding.ASCII.GetBytes($"{size:x}\r\n"), cancellationToken);
            await CopyAsync(from, to, size, buffer, cancellationToken);
            if (await from.ReadLineAsync(2, cancellationToken) is not { Length: 2 })
            {
                throw Bad();
            }

            await to.WriteAsync("\r\n"u8.ToArray(), cancellationToken);
        }

        for (var trailer = 0; await from.ReadLineAsync(LongestLine, cancellationToken) is { Length: > 2 } line;)
        {
            trailer += line.Length;
            if (trailer > LargestTrailer)
            {
                throw Bad();
            }
        }

        await to.WriteAsync(s_last, cancellationToken);
    }

    private static async ValueTask<long> ReadSizeAsync(BufferedInput from, CancellationToken cancellationToken)
    {
        var line = Encoding.Latin1.GetString(await from.ReadLineAsync(LongestLine, cancellationToken)).AsSpan()[..^2];
        var digits = line.IndexOf(';') is >= 0 and var at ? line[..at].TrimEnd(" \t") : line;
        return digits.Length is > 0 and <= 15 && long.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var size) ? size : throw Bad();
    }

    private static async Task CopyAsync(BufferedInput from, Stream to, long length, byte[] buffer, CancellationToken cancellationToken)
    {
        for (var left = length; left > 0;)
        {
            var read = await from.ReadAsync(buffer.AsMemory(0, (int)Math.Min(left, buffer.Length)), cancellationToken);
            if (read == 0)
            {
                throw Bad();
            }

            await to.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            left -= read;
        }
    }

    private static EgressFailedException Bad() => new("the request's body is not as its head says") { Status = 400 };
}
