using System.IO.Compression;
using System.Net.Http.Headers;

using ToolRuntime.OpenApi.Faults;

namespace ToolRuntime.OpenApi.Bodies;

/// <summary>Opens the body of an answer: decompressed by us, bounded in size, and in how much more comes out of it than went in.</summary>
public static class BodyStream
{
    private const int MostLayers = 2;

    /// <summary>What we can decompress, as <c>Accept-Encoding</c> has it.</summary>
    public const string Accepted = "gzip, deflate, br";

    /// <summary>The body as it was meant. Reading it throws what <see cref="TransportFaults"/> knows.</summary>
    /// <exception cref="ApiFaultException">It is compressed in a way that we do not know, or larger than it may be.</exception>
    public static async ValueTask<Stream> OpenAsync(HttpContent content, string host, BodyLimits limits, CancellationToken cancellationToken)
    {
        if (content.Headers.ContentLength is null && content.Headers.NonValidated.Contains("Content-Length"))
        {
            throw TransportFaults.Bad(host, "the length of its body is no number");
        }

        var layers = Layers(content.Headers, host);
        if (layers.Count == 0 && content.Headers.ContentLength > limits.MaxBytes)
        {
            throw TooLarge(host, limits);
        }

        var raw = new CountedStream(await content.ReadAsStreamAsync(cancellationToken), layers.Count == 0 ? c => Bound(c, host, limits) : static _ => { });
        if (layers.Count == 0)
        {
            return raw;
        }

        Stream body = raw;
        foreach (var layer in layers)
        {
            body = await DecodeAsync(body, layer, cancellationToken);
        }

        return new CountedStream(body, count =>
        {
            Bound(count, host, limits);
            if (count > limits.RatioFrom && count / limits.MaxRatio > raw.Count)
            {
                throw new ApiFaultException(ApiFaultCode.TooLarge, $"{host} answered with a compressed body that grows more than {limits.MaxRatio} times");
            }
        });
    }

    private static List<string> Layers(HttpContentHeaders headers, string host)
    {
        var layers = headers.ContentEncoding.Select(e => e.ToLowerInvariant()).Where(e => e != "identity").Reverse().ToList();
        var unknown = layers.FirstOrDefault(l => l is not ("gzip" or "x-gzip" or "deflate" or "br"));
        return unknown is null && layers.Count <= MostLayers
            ? layers
            : throw TransportFaults.Bad(host, $"its body is compressed in a way that was not asked for ({string.Join(", ", layers)})");
    }

    private static async ValueTask<Stream> DecodeAsync(Stream body, string layer, CancellationToken cancellationToken)
    {
        if (layer != "deflate")
        {
            return layer == "br" ? new BrotliStream(body, CompressionMode.Decompress) : new GZipStream(body, CompressionMode.Decompress);
        }

        // What HTTP calls deflate has zlib's frame around it; some servers leave it away, which the first byte shows (RFC 1950, 2.2).
        var first = new byte[1];
        var read = await body.ReadAsync(first, cancellationToken);
        var whole = new PrefixedStream(first.AsMemory(0, read), body);
        return read > 0 && (first[0] & 15) == 8 ? new ZLibStream(whole, CompressionMode.Decompress) : new DeflateStream(whole, CompressionMode.Decompress);
    }

    private static void Bound(long count, string host, BodyLimits limits)
    {
        if (count > limits.MaxBytes)
        {
            throw TooLarge(host, limits);
        }
    }

    private static ApiFaultException TooLarge(string host, BodyLimits limits) =>
        new(ApiFaultCode.TooLarge, $"{host} answered with more than {limits.MaxBytes} bytes", "ask for less, or raise the source's bound");
}
